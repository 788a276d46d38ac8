import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** For tests/cli/vitest.test.ts, which runs these suites and looks at how they end. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['*.suite.ts'] },
});
