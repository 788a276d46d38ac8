import { defineConfig } from 'vitest/config';

/** Tests that start vitest themselves, with suites that fail on purpose. */
const NOT_TESTS = ['**/node_modules/**', '**/dist/**', 'tests/cli/in-vitest/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          // A bound against hanging, not a measure: machines are slow and busy.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          include: ['tests/**/*.test.ts'],
          exclude: [...NOT_TESTS, 'tests/package/**'],
        },
      },
      // Packs, installs and uses the package as a stranger would: it needs the npm registry and a minute.
      {
        test: {
          name: 'package',
          include: ['tests/package/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
