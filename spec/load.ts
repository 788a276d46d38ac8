/** YAML to {@link Layout}: read, check, put together. The one way in for everything that needs a layout. */
import { assemble } from './assemble.ts';
import { locate, readChain } from './chain.ts';
import { type Diagnostic, LayoutError } from './diagnostics.ts';
import { Layout } from './layout.ts';
import { normaliseLayout } from './normalise.ts';
import { preparedLayout } from './packaged.ts';
import { validateLayout } from './validate.ts';

export { type Diagnostic, formatDiagnostics, LayoutError } from './diagnostics.ts';
export { packagedLayout, packagedNames } from './packaged.ts';

/** Packaged layouts by name; files that a user names may change while the process lives, and are read each time. */
const cache = new Map<string, Layout>();

/**
 * Loads a layout: the name of a packaged one (`native`), or a file (anything with a `/` in it, or that ends in `.yaml`
 * or `.yml`). What deserves a word and is no error stands in `warnings` of the result.
 * @throws LayoutError with all problems of the file and of what it extends
 */
export function loadLayout(nameOrFile = 'native'): Layout {
  const cached = cache.get(nameOrFile);
  if (cached) return cached;
  const prepared = isName(nameOrFile) ? preparedLayout(nameOrFile) : undefined;
  const layout = prepared ? new Layout(prepared) : loadInFull(nameOrFile);
  if (isName(nameOrFile)) cache.set(nameOrFile, layout);
  return layout;
}

/** True for what can only be the name of a packaged layout. */
function isName(nameOrFile: string): boolean {
  return !/[/\\.]/.test(nameOrFile);
}

/** From the YAML. @throws LayoutError */
function loadInFull(nameOrFile: string): Layout {
  const located = locate(nameOrFile);
  if ('diagnostic' in located) throw new LayoutError([located.diagnostic]);
  const chain = readChain(located.file);
  const diagnostics = [...chain.diagnostics];
  const assembled = assemble(chain.links, chain.shared);
  if (chain.complete) diagnostics.push(...validateLayout(assembled, chain.shared));
  inReadingOrder(
    diagnostics,
    [...chain.links, ...chain.shared.map(({ from }) => from)].map((link) => link.source.file),
  );
  if (diagnostics.some((diagnostic) => diagnostic.severity === 'error')) throw new LayoutError(diagnostics);
  return new Layout(normaliseLayout(assembled), diagnostics);
}

/** Sorts by file, nearest first, then line and column. */
function inReadingOrder(diagnostics: Diagnostic[], files: string[]): void {
  const rank = (diagnostic: Diagnostic) => files.indexOf(diagnostic.position.file);
  diagnostics.sort(
    (a, b) => rank(a) - rank(b) || a.position.line - b.position.line || a.position.column - b.position.column,
  );
}
