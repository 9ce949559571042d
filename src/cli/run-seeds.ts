import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse, hasPassed } from '../analysis/analyse.ts';
import { judgeSeeds } from '../analysis/judging/judge-seeds.ts';
import { type Run, readRun } from '../analysis/run/run-view.ts';
import { computeSpread, computeVerdictSpread, type SeedResult } from '../analysis/spread.ts';
import {
  createMeasurement,
  MEASUREMENT_VERSION,
  type Measurement,
  mergeMeasurements,
} from '../comparison/measurement.ts';
import { spreadSummary } from '../report/terminal/spread-lines.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { JudgedRun } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { resolveExitCode, runOnce } from './run-once.ts';

interface SeedsFlags {
  readonly quiet: boolean;
  readonly json: boolean;
  readonly allowHost: readonly string[];
  readonly allowInconclusive: boolean;
}

/** The exit code of a run, and its measurement if it was complete. */
export interface FinishedRun {
  readonly exitCode: number;
  readonly measurement?: Measurement;
  /** For CI systems; without a result, `error` is set instead. */
  readonly judged?: JudgedRun;
  readonly error?: Error;
}

export const INTERRUPTED = {
  exitCode: EXIT.interrupted,
  error: new QuotaLabError('run/interrupted', 'the run was interrupted'),
} as const;

/**
 * Runs a scenario with `count` consecutive seeds starting at its own, keeps each journal, and prints the spread of the
 * results. Fails if a seed fails, or if two seeds agree on a verdict that one seed cannot prove.
 */
export async function runSeeds(
  scenario: Scenario,
  count: number,
  folder: string,
  flags: SeedsFlags,
): Promise<FinishedRun> {
  const seeds: SeedResult[] = [];
  const measured: Measurement[] = [];
  const runs: Run[] = [];
  for (let seed = scenario.seed; seed < scenario.seed + count; seed++) {
    const journal = join(folder, `seed-${seed}.jsonl`);
    const outcome = await runOnce(
      { ...scenario, seed, provider: { ...scenario.provider, seed } },
      { journal, ...flags },
    );
    const code = outcome ? resolveExitCode(outcome, EXIT.passed) : EXIT.interrupted;
    if (!outcome || code === EXIT.interrupted) return INTERRUPTED;
    const error = outcomeFailure(outcome);
    if (error) return { exitCode: code, error };
    const run = readRun(outcome.records);
    const analysis = analyse(run);
    runs.push(run);
    measured.push(createMeasurement(run, analysis));
    seeds.push({ seed, ok: hasPassed(analysis, flags), analysis });
  }
  // A verdict that depends on chance fails no single run, only two that agree.
  const verdicts = judgeSeeds(seeds.map(({ seed, analysis }) => ({ seed, verdicts: analysis.verdicts })));
  const jointlyPassed = hasPassed({ thresholds: [], verdicts }, flags);
  const measurement = mergeMeasurements(measured, folder);
  const summary = {
    scenario: scenario.name,
    passed: jointlyPassed && seeds.every(({ ok }) => ok),
    seeds: seeds.map(({ seed, ok }) => ({ seed, ok })),
    spread: computeSpread(seeds),
    verdicts: computeVerdictSpread(seeds),
    judged: verdicts,
    results: { version: MEASUREMENT_VERSION, ...measurement },
  };
  const json = `${JSON.stringify(summary, null, 2)}\n`;
  writeFileSync(join(folder, 'seeds.json'), json);
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(flags.json ? json : spreadSummary(scenario.name, seeds, verdicts, color));
  return {
    exitCode: summary.passed ? EXIT.passed : EXIT.failed,
    measurement,
    judged: {
      header: runs[0]!.header,
      endUs: Math.max(...runs.map(({ endUs }) => endUs)),
      verdicts,
      seeds: seeds.map(({ seed, analysis }) => ({ seed, thresholds: analysis.thresholds })),
    },
  };
}
