import type { Analysis } from '../../analysis/analysis.ts';
import { isFailure, type Leniency } from '../../analysis/pass-rule.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { counted, formatMetric } from '../format.ts';
import { type Result, thresholdText, verdictText } from './result-line.ts';

/** What a command knows of a run beside its analysis. */
export interface RunEnding extends Leniency {
  /** Why the run did not test its client, in a few words. */
  readonly failure?: string | undefined;
  /** Whether a program that sends no request fails. Default: true. */
  readonly needsRequests?: boolean;
}

/** Why a run ended early. */
export const STOPPED: Readonly<Record<NonNullable<Run['stopped']>, string>> = {
  interrupted: 'the run was interrupted',
  threshold: 'a threshold with abortOnFail failed',
  'client-exited': 'the client exited',
  'gateway-exited': 'the gateway exited',
  'journal-failed': 'the journal could not be written',
  'cut-off': 'the journal is cut off',
};

/** Returns the result of a run: what failed it, or how much passed. */
export function runResult(run: Run, analysis: Analysis, ending: RunEnding = {}): Result {
  const facts = [...seedFact(run), ...programFacts(run, analysis, ending)];
  const failed = failedTexts(analysis, ending);
  if (ending.failure !== undefined) return { outcome: 'FAILED', because: [ending.failure], facts };
  if (run.stopped && run.stopped !== 'threshold') {
    const until = `${STOPPED[run.stopped]} after ${formatMetric(run.endUs)}`;
    return { outcome: 'PARTIAL', because: [until, ...failed.map((text) => `failed: ${text}`)], facts };
  }
  const { exitCode = 0 } = run;
  if (run.header.program && exitCode !== 0) {
    return { outcome: 'FAILED', because: [`the program exited with ${exitCode}`, ...failed], facts };
  }
  if (run.header.program && run.attempts.length === 0) {
    const outcome = ending.needsRequests === false ? 'NOT TESTED' : 'FAILED';
    return { outcome, because: ['no request reached the mock server'], facts };
  }
  if (failed.length > 0) return { outcome: 'FAILED', because: failed, facts };
  return { ...calmResult(run, analysis), facts };
}

function failedTexts({ verdicts, thresholds }: Analysis, leniency: Leniency): string[] {
  return [
    ...verdicts.filter((verdict) => isFailure(verdict, leniency)).map(verdictText),
    ...thresholds.filter(({ ok }) => !ok).map(thresholdText),
  ];
}

/** The result of a run in which nothing failed. */
function calmResult({ header }: Run, { verdicts, thresholds, unchallenged, rawLoad }: Analysis): Result {
  if (unchallenged !== null) {
    const where = header.recorded ? 'in this recording' : '';
    return { outcome: 'NOT TESTED', because: [`nothing was refused and nothing failed ${where}`.trim()] };
  }
  const warned = (['fail', 'warn'] as const).flatMap((wanted) => verdicts.filter(({ status }) => status === wanted));
  const passed = verdicts.filter(({ status }) => status === 'pass').length;
  const undecided = verdicts.filter(({ status }) => status === 'inconclusive').length;
  if (warned.length + passed + thresholds.length === 0) {
    const why = rawLoad === null ? 'too little happened to decide a verdict' : 'raw load is judged by thresholds only';
    return { outcome: 'UNDECIDED', because: [why] };
  }
  const counts = [
    ...(passed > 0 ? [counted(passed, 'verdict')] : []),
    ...(thresholds.length > 0 ? [counted(thresholds.length, 'threshold')] : []),
    ...(undecided > 0 ? [`${undecided} undecided`] : []),
  ];
  if (warned.length === 0) return { outcome: 'PASSED', because: [counts.join(', ')] };
  const ids = warned.map(({ id }) => id);
  return { outcome: 'PASSED', because: [`with ${counted(warned.length, 'warning')}: ${ids.join(', ')}`] };
}

function seedFact({ header }: Run): string[] {
  return header.recorded || header.program ? [] : [`seed ${header.seed}`];
}

/** An exit code of 0 beside a failure is explained: that of the command is another. */
function programFacts(run: Run, analysis: Analysis, ending: RunEnding): string[] {
  if (!run.header.program || run.exitCode !== 0) return [];
  const isSilent = run.attempts.length === 0 && ending.needsRequests !== false;
  return isSilent || failedTexts(analysis, ending).length > 0 ? ['the program itself exited with 0'] : [];
}
