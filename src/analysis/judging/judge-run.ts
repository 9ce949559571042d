import type { Problem } from '../../../mock-server/error.ts';
import type { Severity, VerdictSetting } from '../../scenario/scenario.ts';
import { suggestName, unknownName } from '../../scenario/suggest-name.ts';
import { rawLoadReason } from '../run/raw-load.ts';
import type { Run } from '../run/run-view.ts';
import { amplifiesLoad } from '../verdicts/amplifies-load.ts';
import { backoffShape } from '../verdicts/backoff-shape.ts';
import { burstsAtWindowBoundary } from '../verdicts/bursts-at-window-boundary.ts';
import { clockSkewedRetryAfter } from '../verdicts/clock-skewed-retry-after.ts';
import { concurrencyBlowUp } from '../verdicts/concurrency-blow-up.ts';
import { doesNotRecover } from '../verdicts/does-not-recover.ts';
import { failsOverLate } from '../verdicts/fails-over-late.ts';
import { fixedInterval } from '../verdicts/fixed-interval.ts';
import { givesUpEarly } from '../verdicts/gives-up-early.ts';
import { givesUpOnReset } from '../verdicts/gives-up-on-reset.ts';
import { hedges } from '../verdicts/hedges.ts';
import { hidesRetries } from '../verdicts/hides-retries.ts';
import { ignoresRetryAfter } from '../verdicts/ignores-retry-after.ts';
import { layeredRetries } from '../verdicts/layered-retries.ts';
import { leavesQuotaUnused } from '../verdicts/leaves-quota-unused.ts';
import { limitPerProcess } from '../verdicts/limit-per-process.ts';
import { misreadsRetryAfter } from '../verdicts/misreads-retry-after.ts';
import { noDeadline } from '../verdicts/no-deadline.ts';
import { noFailBack } from '../verdicts/no-fail-back.ts';
import { noFailover } from '../verdicts/no-failover.ts';
import { noJitter } from '../verdicts/no-jitter.ts';
import { overWaits } from '../verdicts/over-waits.ts';
import { overrunsFallback } from '../verdicts/overruns-fallback.ts';
import { repeatsWithoutKey } from '../verdicts/repeats-without-key.ts';
import { replaysPartialStream } from '../verdicts/replays-partial-stream.ts';
import { restartStampede } from '../verdicts/restart-stampede.ts';
import { retriesImpossibleRequest } from '../verdicts/retries-impossible-request.ts';
import { retriesNonRetryable } from '../verdicts/retries-non-retryable.ts';
import { retriesTooEarly } from '../verdicts/retries-too-early.ts';
import { starvesCallers } from '../verdicts/starves-callers.ts';
import { swallowsRejection } from '../verdicts/swallows-rejection.ts';
import { synchronisedHerd } from '../verdicts/synchronised-herd.ts';
import { treatsOverloadAsFatal } from '../verdicts/treats-overload-as-fatal.ts';
import { triesShutProvider } from '../verdicts/tries-shut-provider.ts';
import { unboundedRetries } from '../verdicts/unbounded-retries.ts';
import { wastedTokens } from '../verdicts/wasted-tokens.ts';
import type { Finding, Judge, Verdict } from './verdict.ts';

/** Every judge, in the order in which reports show them. */
export const JUDGES = [
  ignoresRetryAfter,
  amplifiesLoad,
  synchronisedHerd,
  givesUpEarly,
  retriesNonRetryable,
  retriesImpossibleRequest,
  swallowsRejection,
  replaysPartialStream,
  unboundedRetries,
  noDeadline,
  retriesTooEarly,
  overWaits,
  misreadsRetryAfter,
  fixedInterval,
  noJitter,
  layeredRetries,
  treatsOverloadAsFatal,
  givesUpOnReset,
  doesNotRecover,
  noFailover,
  overrunsFallback,
  triesShutProvider,
  failsOverLate,
  noFailBack,
  leavesQuotaUnused,
  concurrencyBlowUp,
  limitPerProcess,
  wastedTokens,
  starvesCallers,
  burstsAtWindowBoundary,
  restartStampede,
  repeatsWithoutKey,
  clockSkewedRetryAfter,
  hedges,
  hidesRetries,
  backoffShape,
] as const satisfies readonly Judge[];

/** The id of a verdict, e.g. `no-jitter`. */
export type VerdictId = (typeof JUDGES)[number]['id'];

/** Problems of the scenario's `verdicts`: unknown verdicts, unknown settings and invalid values, with paths as in the file. */
export function verdictProblems(written: Readonly<Record<string, VerdictSetting>>): Problem[] {
  const known = JUDGES.map(({ id }) => id);
  return Object.entries(written).flatMap(([id, setting]) => {
    const judge = JUDGES.find((one) => one.id === id);
    if (judge) return settingProblems(judge, setting);
    const problem = unknownName(`unknown verdict ${id}`, id, { allowed: known, list: 'valid verdicts are' });
    return [{ path: `verdicts.${id}`, ...problem }];
  });
}

function settingProblems({ id, settings }: Judge, written: VerdictSetting): Problem[] {
  const known = Object.keys(settings);
  const allowed = ['severity', ...known];
  return Object.entries(settingsIn(written)).flatMap(([name, value]): Problem[] => {
    const path = `verdicts.${id}.${name}`;
    const setting = settings[name];
    if (setting && setting.parse(value) !== undefined) return [];
    if (setting) return [{ path, message: `must be ${setting.form}: ${setting.description}` }];
    if (known.length === 0) return [{ path, message: `${id} has no settings`, ...suggestName(name, allowed) }];
    return [{ path, ...unknownName(`${id} has no setting ${name}`, name, { allowed, list: 'its settings are' }) }];
  });
}

function settingsIn(written: VerdictSetting | undefined): Readonly<Record<string, unknown>> {
  if (typeof written !== 'object') return {};
  const { severity: _, ...settings } = written;
  return settings;
}

/** The severity of a verdict in a scenario. */
export function severityOf(
  { id, defaultSeverity }: Judge,
  written: Readonly<Record<string, VerdictSetting>>,
): Severity {
  const own = written[id];
  return (typeof own === 'object' ? own.severity : own) ?? defaultSeverity;
}

function isSeverityWritten(written: VerdictSetting | undefined): boolean {
  return (typeof written === 'object' ? written.severity : written) !== undefined;
}

/** A verdict that the scenario requires and that could not be decided says which change makes its situation arise. */
function adviceIfMissing(run: Run, { arrange }: Judge, { status }: Finding): Pick<Finding, 'advice'> | undefined {
  if (status !== 'not-applicable' && status !== 'inconclusive') return undefined;
  if (rawLoadReason(run) !== undefined) return { advice: 'Use a client instead of raw load, or remove this verdict.' };
  return { advice: `${arrange} \`quotalab check\` makes every situation arise.` };
}

/** Runs every judge that is not `off`. Verdicts decided by chance can only warn in one run: see `judge-seeds.ts`. */
export function judgeRun(run: Run, written: Readonly<Record<string, VerdictSetting>>): Verdict<VerdictId>[] {
  return JUDGES.flatMap((judge): Verdict<VerdictId>[] => {
    const severity = severityOf(judge, written);
    if (severity === 'off') return [];
    const finding = judge.judge(run, settingsIn(written[judge.id]));
    const severitySource = isSeverityWritten(written[judge.id]) ? 'scenario' : 'default';
    const required = severitySource === 'scenario' && severity === 'error';
    const verdict = {
      id: judge.id,
      question: judge.question,
      severity,
      severitySource,
      ...finding,
      ...(required && finding.advice === '' && adviceIfMissing(run, judge, finding)),
    } as const;
    return [
      judge.decidedBy === 'chance' && finding.status === 'fail'
        ? { ...verdict, status: 'warn', wouldFail: true }
        : verdict,
    ];
  });
}
