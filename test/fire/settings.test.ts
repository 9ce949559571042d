import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawsOf } from './settings/draws.ts';
import { judgeWrong, problemsOf } from './settings/judge-wrong.ts';
import { makeMistakes } from './settings/mistakes.ts';
import { toValue } from './settings/node.ts';
import { drawScenario } from './settings/right-scenario.ts';
import { writeYaml } from './settings/written.ts';

/** `npm run fire -- settings` sets a higher number. */
const RUNS = Number(process.env.FIRE_RUNS ?? 200);
const SEED = Number(process.env.FIRE_SEED ?? 1);
const options = { numRuns: RUNS, seed: SEED };
const TIMEOUT = { timeout: 3_600_000 };

const folder = mkdtempSync(join(tmpdir(), 'quotalab-settings-'));
writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');

describe(`${RUNS} drawn scenarios`, () => {
  it('are right before anything is made wrong in them', TIMEOUT, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const file = join(folder, 'right.yaml');
        const { text } = writeYaml(toValue(drawScenario(drawsOf(seed))));
        writeFileSync(file, text);
        const { problems } = await problemsOf(file);
        expect(problems, text).toEqual([]);
      }),
      { ...options, numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it(
    'with one to four wrong settings: each is named with its line and what is allowed, in one round',
    TIMEOUT,
    async () => {
      const seen = { mistakes: 0, problems: 0, slowestMs: 0, byKind: {} as Record<string, number> };
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (seed) => {
          const draws = drawsOf(seed);
          const wrong = makeMistakes(draws, drawScenario(draws), draws.whole(1, 4));
          const { text, problems, unnamed, badlyNamed, made_up, cpuMs } = await judgeWrong(folder, wrong);
          seen.mistakes += wrong.mistakes.length;
          seen.problems += problems.length;
          seen.slowestMs = Math.max(seen.slowestMs, cpuMs);
          for (const { kind } of wrong.mistakes) seen.byKind[kind] = (seen.byKind[kind] ?? 0) + 1;
          const shown = JSON.stringify({ mistakes: wrong.mistakes, problems }, null, 1);
          expect({ unnamed, badlyNamed, made_up }, `${text}\n${shown}`).toEqual({
            unnamed: [],
            badlyNamed: [],
            made_up: [],
          });
          // Processor time: a busy machine does not count.
          expect(cpuMs).toBeLessThan(2000);
        }),
        options,
      );
      if (process.env.FIRE_RUNS !== undefined) console.log(seen);
      expect(seen.mistakes).toBeGreaterThan(RUNS);
      expect(Object.keys(seen.byKind)).toHaveLength(6);
    },
  );
});
