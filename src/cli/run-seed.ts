import type { Analysis } from '../analysis/analysis.ts';
import { resultOf } from '../experiment/compare-results.ts';
import { type FinishedRun, runOnce } from '../experiment/run-once.ts';
import { repeatWithNextSeed } from '../experiment/second-seed.ts';
import { journalAt, journalIn } from '../journal/journal-place.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type AttendFlags, attendRuns } from './attend-runs.ts';
import { judgedRun } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import type { LastLine } from './print-result.ts';
import { type ReportFlags, reportRun } from './report-run.ts';
import { INTERRUPTED, type ReportedRun, resolveExitCode } from './reported-run.ts';
import { sendTelemetry } from './send-telemetry.ts';

interface SeedFlags extends AttendFlags, ReportFlags {
  readonly confirm: boolean;
  readonly journal?: string;
}

/** Runs a scenario, repeats it with the next seed if its result may be due to chance, and reports it. */
export async function runSeed(scenario: Scenario, folder: string, flags: SeedFlags): Promise<ReportedRun> {
  const place = flags.journal === undefined ? journalIn(folder) : journalAt(flags.journal);
  const finished = await attendRuns(flags, (settings) => runOnce(scenario, settings, place));
  if (!finished) return INTERRUPTED;
  const { analysis, interrupted } = await repeat(scenario, finished, flags);
  const { run, failure, journal = place.file } = finished;
  await sendTelemetry(run, flags);
  let last: LastLine | undefined;
  const keepLast = (line: LastLine): void => {
    last = line;
  };
  const verdict = await reportRun(run, analysis, { folder, journal, ...flags }, { error: failure, keepLast });
  const exitCode = interrupted ? EXIT.interrupted : resolveExitCode(finished, verdict);
  const error = exitCode === EXIT.interrupted ? INTERRUPTED.error : failure;
  const result = resultOf([{ ...finished, analysis }]);
  const judged = { ...judgedRun(run, analysis), ...(error && { error }) };
  return { exitCode, result, judged, ...(last && { last }) };
}

/** Repeats the run with the next seed if a verdict needs it; `interrupted`: whether the user stopped the second run. */
async function repeat(
  scenario: Scenario,
  first: FinishedRun,
  { confirm, quiet, full, allowHost }: SeedFlags,
): Promise<{ readonly analysis: Analysis; readonly interrupted: boolean }> {
  if (!confirm) return { analysis: first.analysis, interrupted: false };
  const announce = ({ seed }: Scenario): void => {
    if (!quiet) process.stderr.write(`quotalab: repeating the run with seed ${seed} to rule out chance\n`);
  };
  const repeated = await attendRuns({ quiet: true, full, allowHost }, (settings) =>
    repeatWithNextSeed(scenario, first, { ...settings, onStart: announce }),
  );
  const { analysis = first.analysis, second } = repeated ?? {};
  const interrupted = !repeated || second?.stopped === 'interrupted';
  if (second?.failure && !interrupted)
    process.stderr.write(`quotalab: the run with seed ${second.seed} was incomplete and is ignored\n`);
  return { analysis, interrupted };
}
