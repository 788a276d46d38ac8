/** Makes test files find `./vitest.ts` where they say `vitest`. */
import { register } from 'node:module';

const stand = new URL('./vitest.ts', import.meta.url).href;

/** For the whole process, from now on. */
export function standInForVitest(): void {
  const hooks = `export async function resolve(name, context, next) {
    if (name === 'vitest' && context.parentURL !== ${JSON.stringify(stand)}) return { url: ${JSON.stringify(stand)}, shortCircuit: true, format: 'module' };
    return next(name, context);
  }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
