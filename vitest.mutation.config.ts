import { defineConfig } from 'vitest/config';

/** The tests that `npm run mutation` runs against each mutant: those of the rooms it changes, which start no process. */
export default defineConfig({
  test: {
    include: [
      'test/mock-server/{limiter,admission}/**/*.test.ts',
      'test/src/analysis/**/*.test.ts',
      // What a recording does not tell is judged there.
      'test/src/recorded/verdicts.test.ts',
      'test/fire/limiters.test.ts',
    ],
    exclude: [
      // Thirteen million admissions, each of which a mutant would have to make again.
      'test/mock-server/limiter/thirty-days.test.ts',
      // Docs and scripts are not in the copy that Stryker changes.
      'test/src/analysis/metrics/metrics-page.test.ts',
    ],
    setupFiles: ['test/same-draws.ts'],
    testTimeout: 60_000,
  },
});
