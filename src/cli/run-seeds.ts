import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse, passed } from '../analysis/analyse.ts';
import { judgeSeeds } from '../analysis/judging/judge-seeds.ts';
import { type Run, readRun } from '../analysis/run/run-view.ts';
import { type Seeded, spreadOf, verdictSpread } from '../analysis/spread.ts';
import { joined, MEASUREMENT_VERSION, type Measurement, measurementOf } from '../comparison/measurement.ts';
import { spreadSummary } from '../report/terminal/spread-lines.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Judged } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOf, runOnce } from './run-once.ts';

interface SeedsFlags {
  readonly quiet: boolean;
  readonly json: boolean;
  readonly allowHost: readonly string[];
  readonly allowInconclusive: boolean;
}

/** How a run ended, and what it measured where it went its way. */
export interface Concluded {
  readonly exitCode: number;
  readonly measurement?: Measurement;
  /** For CI systems; `fault` stands for it where there is no result. */
  readonly judged?: Judged;
  readonly fault?: Error;
}

export const INTERRUPTED = {
  exitCode: EXIT.interrupted,
  fault: new QuotaLabError('run/interrupted', 'the run was interrupted'),
} as const;

/**
 * Runs a scenario with `count` seeds from its own on, keeps each journal, and prints how far the results differ. Fails
 * when one of them fails, or where two agree on what one alone cannot prove.
 */
export async function runSeeds(
  scenario: Scenario,
  count: number,
  folder: string,
  flags: SeedsFlags,
): Promise<Concluded> {
  const seeds: Seeded[] = [];
  const measured: Measurement[] = [];
  const runs: Run[] = [];
  for (let seed = scenario.seed; seed < scenario.seed + count; seed++) {
    const journal = join(folder, `seed-${seed}.jsonl`);
    const outcome = await runOnce(
      { ...scenario, seed, provider: { ...scenario.provider, seed } },
      { journal, ...flags },
    );
    const code = outcome ? exitCodeOf(outcome, EXIT.passed) : EXIT.interrupted;
    if (!outcome || code === EXIT.interrupted) return INTERRUPTED;
    const fault = outcomeFailure(outcome);
    if (fault) return { exitCode: code, fault };
    const run = readRun(outcome.records);
    const analysis = analyse(run);
    runs.push(run);
    measured.push(measurementOf(run, analysis));
    seeds.push({ seed, ok: passed(analysis, flags), analysis });
  }
  // What rests on chance has failed in no run alone: two that agree fail together.
  const verdicts = judgeSeeds(seeds.map(({ seed, analysis }) => ({ seed, verdicts: analysis.verdicts })));
  const together = passed({ thresholds: [], verdicts }, flags);
  const measurement = joined(measured, folder);
  const machine = {
    scenario: scenario.name,
    passed: together && seeds.every(({ ok }) => ok),
    seeds: seeds.map(({ seed, ok }) => ({ seed, ok })),
    spread: spreadOf(seeds),
    verdicts: verdictSpread(seeds),
    judged: verdicts,
    results: { version: MEASUREMENT_VERSION, ...measurement },
  };
  const json = `${JSON.stringify(machine, null, 2)}\n`;
  writeFileSync(join(folder, 'seeds.json'), json);
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(flags.json ? json : spreadSummary(scenario.name, seeds, verdicts, color));
  return {
    exitCode: machine.passed ? EXIT.passed : EXIT.failed,
    measurement,
    judged: {
      header: runs[0]!.header,
      endUs: Math.max(...runs.map(({ endUs }) => endUs)),
      verdicts,
      seeds: seeds.map(({ seed, analysis }) => ({ seed, thresholds: analysis.thresholds })),
    },
  };
}
