import type { Analysis } from '../analysis/analysis.ts';
import { formatMetric, round } from '../analysis/format.ts';
import type { Verdict, VerdictStatus } from '../analysis/judging/verdict.ts';
import { metricUnit } from '../analysis/metrics/metrics.ts';
import type { ThresholdResult } from '../analysis/metrics/thresholds.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { describeRun } from './describe-run.ts';
import type { Arises, CheckRow } from './row.ts';

/** `undecided`: the situation arose, but what was seen is too little. `not-applicable`: it cannot arise for this client. */
export type RowVerdict = 'fail' | 'warn' | 'undecided' | 'pass' | 'not-applicable';

/** The result of one row. */
export interface RowResult {
  readonly id: string;
  readonly situation: string;
  /** What the client did, in one phrase with figures. */
  readonly did: string;
  readonly verdict: RowVerdict;
  /** The verdict or threshold that decided, and its reason with figures; empty for a row that passed without one. */
  readonly decidedBy: string;
  readonly reason: string;
  /** What to change in the client, in one sentence; empty for a row that passed. */
  readonly act: string;
  /** Other verdicts that failed or warned, each with its reason. */
  readonly also?: readonly string[];
  /** The proof of a row that did not pass, clearest first. */
  readonly evidence: Verdict['evidence'];
  /** Why the row proves less than the others, e.g. since it ran in real time. */
  readonly weaker?: string;
}

/** The severest first. */
const ORDER: readonly RowVerdict[] = ['fail', 'warn', 'undecided', 'pass', 'not-applicable'];

const ROW_VERDICTS: Readonly<Record<VerdictStatus, RowVerdict>> = {
  fail: 'fail',
  warn: 'warn',
  inconclusive: 'undecided',
  pass: 'pass',
  // The situation arose, and there was nothing that this verdict could hold against the client.
  'not-applicable': 'pass',
};

/**
 * Decides a row from its run, by the severest of its verdicts and thresholds. Where the situation did not arise, a row that a
 * client can avoid passes unless something is wrong; another does not apply.
 */
export function judgeRow(row: CheckRow, run: Run, analysis: Pick<Analysis, 'verdicts' | 'thresholds'>): RowResult {
  const { id, situation, arises } = row;
  const common = { id, situation, did: describeRun(run), decidedBy: '', act: '', evidence: [] };
  const isMet = hasArisen(run, arises);
  if (!isMet && !row.avoidable) return { ...common, verdict: 'not-applicable', reason: whyNotMet(arises) };
  const found = [
    ...decidingVerdicts(row, analysis.verdicts).map(fromVerdict),
    ...analysis.thresholds.map((threshold) => fromThreshold(threshold, row, run)),
  ];
  const counted = isMet ? found : found.filter(isWrong);
  const [worst, ...others] = counted.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const also = others.filter(isWrong).map(foundText);
  if (worst) return { ...common, ...worst, ...(also.length > 0 && { also }) };
  return { ...common, verdict: 'pass', reason: isMet ? '' : 'It never came into this situation.' };
}

/** The row's verdicts in its order; those that found too little only where none decided. */
function decidingVerdicts({ verdicts }: CheckRow, all: readonly Verdict[]): readonly Verdict[] {
  const own = Object.keys(verdicts).flatMap((name) => all.find(({ id }) => id === name) ?? []);
  const isDecided = own.some(({ status }) => status !== 'inconclusive' && status !== 'not-applicable');
  return isDecided ? own.filter(({ status }) => status !== 'inconclusive') : own;
}

/** What decided and its reason, named once. */
export function foundText({ decidedBy, reason }: Pick<RowResult, 'decidedBy' | 'reason'>): string {
  return decidedBy === '' || reason.startsWith(decidedBy) ? reason : `${decidedBy}: ${reason}`;
}

const isWrong = ({ verdict }: Decision): boolean => verdict === 'fail' || verdict === 'warn';

type Decision = Pick<RowResult, 'verdict' | 'decidedBy' | 'reason' | 'act' | 'evidence'>;

function fromVerdict({ id, status, reason, advice, evidence }: Verdict): Decision {
  return { verdict: ROW_VERDICTS[status], decidedBy: id, reason, act: firstSentence(advice), evidence };
}

function fromThreshold({ ok, metric, expression, observed }: ThresholdResult, row: CheckRow, run: Run): Decision {
  const seen = observed === null ? 'nothing was measured' : `it was ${formatObserved(metric, observed)}`;
  const silent = ok || !metric.startsWith('call_failed') ? undefined : describeSilentFailures(run);
  return {
    verdict: ok ? 'pass' : 'fail',
    decidedBy: metric,
    reason: `${metric} must be ${expression}; ${seen}.${silent ?? ''}`,
    act: ok ? '' : silent === undefined ? row.passes : LET_THEM_WAIT,
    evidence: [],
  };
}

const LET_THEM_WAIT =
  'Let calls wait until the provider takes requests again, instead of failing them in the client; a breaker or cool-down must end by then.';

/** Calls that failed without a request, where they are most of those that failed. */
function describeSilentFailures({ calls }: Pick<Run, 'calls'>): string | undefined {
  const failed = calls.filter(({ result }) => result === 'error');
  const silent = failed.filter(({ attempts }) => attempts.length === 0);
  if (silent.length * 2 <= failed.length) return undefined;
  const message = silent[0]!.error?.message;
  const said = message === undefined ? '' : ` (${message})`;
  return ` ${silent.length} of the ${failed.length} calls that failed sent nothing${said}.`;
}

function formatObserved(metric: string, observed: number): string {
  return metricUnit(metric) === 'us' ? formatMetric(observed) : round(observed);
}

const TOGETHER_US = 200_000;

function hasArisen({ attempts }: Pick<Run, 'attempts'>, arises: Arises): boolean {
  const { together = 1 } = arises;
  const endsUs = attempts
    .filter((attempt) => meets(attempt, arises))
    .map(({ endUs }) => endUs)
    .sort((a, b) => a - b);
  return endsUs.some((endUs, index) => (endsUs[index + together - 1] ?? Infinity) - endUs <= TOGETHER_US);
}

function meets(attempt: Run['attempts'][number], { fault, status, refusedByLimit, stream }: Arises): boolean {
  return (
    (fault === undefined || attempt.fault === fault) &&
    (status === undefined || attempt.status === status) &&
    (refusedByLimit === undefined || attempt.deniedBy !== undefined) &&
    (stream === undefined || (attempt.stream ?? false) === stream)
  );
}

function whyNotMet({ stream }: Arises): string {
  if (stream === undefined) return 'It never came into this situation.';
  return stream ? 'It asks for no stream.' : 'It asks for streams only.';
}

/** Advice may go on; the table has room for its first sentence. */
function firstSentence(text: string): string {
  return /^.*?[.!](?= [A-Z]|$)/.exec(text)?.[0] ?? text;
}

/** The severest rows first; equal ones stay in the order of the battery. */
export function worstFirst(rows: readonly RowResult[]): RowResult[] {
  return rows.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}
