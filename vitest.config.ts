import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Much of the suite waits for processes that it has started.
    maxWorkers: 4,
  },
});
