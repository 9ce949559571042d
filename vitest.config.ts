import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { builtThreads } from './test/installed.ts';
import { SlowFirst } from './test/slow-first.ts';

// For the workers, and the threads and programs that they start: compiling what they import takes longer than most tests.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('.tmp/compile-cache', import.meta.url));

/** Tests of code that computes and nothing else: they leave nothing behind, so one process imports that code once for all. */
const PURE = [
  'test/mock-server/{admission,completion,dialects,faults,limiter,profiles,redaction,similarity}/**/*.test.ts',

  'test/src/{analysis,attribution,check,comparison,learn,load,model,recorded,report,retry,scenario}/**/*.test.ts',
];

// For the workers, and the threads and programs that they start: compiling what they import takes longer than most tests.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('.tmp/compile-cache', import.meta.url));

export default defineConfig({
  plugins: [builtThreads()],
  test: {
    globalSetup: ['test/installed.ts'],
    sequence: { sequencer: SlowFirst },
    testTimeout: 60_000,
    // Processes, not threads: some tests change the working folder.
    pool: 'forks',
    // The build of `installed.ts` is not transformed.
    server: { deps: { external: [/\.tmp\/installed/] } },
    // Much of the suite waits for processes that it has started.
    maxWorkers: 4,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      { extends: true, test: { name: 'others', include: ['test/**/*.test.ts'], exclude: PURE } },
    ],
  },
});
