import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// For the workers, and the threads and programs that they start: compiling what they import takes longer than most tests.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('.tmp/compile-cache', import.meta.url));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    // Much of the suite waits for processes that it has started.
    maxWorkers: 4,
  },
});
