import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse, passed } from '../analysis/analyse.ts';
import { judgeSeeds } from '../analysis/judge-seeds.ts';
import { readRun } from '../analysis/run-view.ts';
import { type Seeded, spreadOf, verdictSpread } from '../analysis/spread.ts';
import { spreadSummary } from '../report/spread-lines.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOf, runOnce } from './run-once.ts';

interface SeedsFlags {
  readonly quiet: boolean;
  readonly json: boolean;
  readonly allowHost: readonly string[];
  readonly allowInconclusive: boolean;
}

/**
 * Runs a scenario with `count` seeds from its own on, keeps each journal, and prints how far the results differ. Fails
 * when one of them fails, or where two agree on what one alone cannot prove.
 */
export async function runSeeds(scenario: Scenario, count: number, folder: string, flags: SeedsFlags): Promise<number> {
  const seeds: Seeded[] = [];
  for (let seed = scenario.seed; seed < scenario.seed + count; seed++) {
    const journal = join(folder, `seed-${seed}.jsonl`);
    const outcome = await runOnce(
      { ...scenario, seed, provider: { ...scenario.provider, seed } },
      { journal, ...flags },
    );
    const code = outcome ? exitCodeOf(outcome, EXIT.passed) : EXIT.interrupted;
    if (!outcome || code !== EXIT.passed) return code;
    const analysis = analyse(readRun(outcome.records));
    seeds.push({ seed, ok: passed(analysis, flags), analysis });
  }
  // What rests on chance has failed in no run alone: two that agree fail together.
  const verdicts = judgeSeeds(seeds.map(({ seed, analysis }) => ({ seed, verdicts: analysis.verdicts })));
  const together = passed({ thresholds: [], verdicts }, flags);
  const machine = {
    scenario: scenario.name,
    passed: together && seeds.every(({ ok }) => ok),
    seeds: seeds.map(({ seed, ok }) => ({ seed, ok })),
    spread: spreadOf(seeds),
    verdicts: verdictSpread(seeds),
    judged: verdicts,
  };
  const json = `${JSON.stringify(machine, null, 2)}\n`;
  writeFileSync(join(folder, 'seeds.json'), json);
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(flags.json ? json : spreadSummary(scenario.name, seeds, verdicts, color));
  return machine.passed ? EXIT.passed : EXIT.failed;
}
