import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawsOf } from './draws.ts';
import { judgeWrong, problemsOf } from './judge-wrong.ts';
import { makeMistakes } from './mistakes.ts';
import { toValue } from './node.ts';
import { drawScenario } from './right-scenario.ts';
import { writeYaml } from './written.ts';
import { judgeWrongPaths } from './wrong-paths.ts';

/** What came of many wrong scenarios. */
export interface Tally {
  scenarios: number;
  mistakes: number;
  /** Mistakes that were named at their place, with the right line and with what is allowed or meant. */
  named: number;
  /** Problems that come from no mistake. */
  madeUp: number;
  slowestCpuMs: number;
  readonly byKind: Record<string, number>;
  /** What did not hold, a text for each scenario. */
  readonly failures: string[];
}

export const newTally = (): Tally => ({
  scenarios: 0,
  mistakes: 0,
  named: 0,
  madeUp: 0,
  slowestCpuMs: 0,
  byKind: {},
  failures: [],
});

/** Draws a scenario from a seed, checks that it is right, and adds what comes of wrong settings and wrong `--set` in it. */
export async function tryScenario(folder: string, seed: number, tally: Tally): Promise<void> {
  const draws = drawsOf(seed);
  const right = drawScenario(draws);
  const file = join(folder, 'right.yaml');
  writeFileSync(file, writeYaml(toValue(right)).text);
  const { problems } = await problemsOf(file);
  if (problems.length > 0) tally.failures.push(`seed ${seed}: is right, but ${JSON.stringify(problems)}`);
  const inFile = await judgeWrong(folder, makeMistakes(draws, right, draws.whole(1, 4)));
  const onCommandLine = await judgeWrongPaths(file, draws, right, draws.whole(1, 3));
  tally.scenarios++;
  for (const { mistakes, unnamed, badlyNamed, madeUp, cpuMs, text, problems: found } of [inFile, onCommandLine]) {
    tally.mistakes += mistakes.length;
    tally.named += mistakes.length - unnamed.length - badlyNamed.length;
    tally.madeUp += madeUp.length;
    tally.slowestCpuMs = Math.max(tally.slowestCpuMs, cpuMs);
    for (const { kind } of mistakes) tally.byKind[kind] = (tally.byKind[kind] ?? 0) + 1;
    if (unnamed.length + badlyNamed.length + madeUp.length === 0) continue;
    tally.failures.push(`seed ${seed}: ${JSON.stringify({ unnamed, badlyNamed, madeUp, found }, null, 1)}\n${text}`);
  }
}
