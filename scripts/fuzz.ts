/** Runs the fuzz test with more runs than the test suite does: `npm run fuzz [-- runs [seed]]`. */
import { startVitest } from 'vitest/node';

const [runs = '25000', seed] = process.argv.slice(2);
process.env.FUZZ_RUNS = runs;
if (seed !== undefined) process.env.FUZZ_SEED = seed;
const vitest = await startVitest('test', ['test/mock-server/fuzz.test.ts'], { watch: false });
await vitest.close();
