/**
 * Writes `schema-check.generated.ts`: the JSON Schema of layouts compiled to plain code by ajv.
 *
 * Loading ajv and compiling the schema would cost more than everything else the loader does with a schema, in every
 * process, so it is done once, here: `npx tsx spec/compile-schema.ts` after each change of `layout.schema.json`.
 * A test compares the file with what the schema gives today.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneModule from 'ajv/dist/standalone/index.js';

const standaloneCode = standaloneModule.default;

const HEADER = `// @ts-nocheck
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/** Generated from layout.schema.json by compile-schema.ts; do not edit. */
`;

/** The text of `schema-check.generated.ts` for a schema. @throws Error where ajv's strict mode refuses the schema */
export function schemaCheckSource(schema: object): string {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    messages: false,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  return HEADER + standaloneCode(ajv, ajv.compile(withoutProse(schema)));
}

/** The schema without what only editors and messages read. Under `properties` and `definitions` the keys are names. */
function withoutProse<T>(schema: T, keysAreNames = false): T {
  if (Array.isArray(schema)) return schema.map((item) => withoutProse(item)) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema)
    .filter(([key]) => keysAreNames || (key !== 'title' && key !== 'description'))
    .map(([key, value]) => [
      key,
      withoutProse(value, !keysAreNames && (key === 'properties' || key === 'definitions')),
    ]);
  return Object.fromEntries(kept) as T;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const schema: object = JSON.parse(readFileSync(new URL('layout.schema.json', import.meta.url), 'utf8'));
  writeFileSync(new URL('schema-check.generated.ts', import.meta.url), schemaCheckSource(schema));
}
