import type { Attempt, Call, Run } from '../run/run-view.ts';
import { inconclusive, notApplicable, proof } from './define-judge.ts';
import type { Judgement } from './verdict.ts';
import { number, share, type ValuesOf } from './verdict-setting.ts';

/** The settings of both verdicts on transient errors. */
export const SURFACED_SETTINGS = {
  warn: share(0, 'warn above this share of the calls that hit one kind of error'),
  fail: share(0.2, 'fail above this share of the calls that hit one kind of error'),
  needed: number(5, 'minimum calls that hit one kind of error'),
};

type Bounds = ValuesOf<typeof SURFACED_SETTINGS>;

export const surfacedThreshold = ({ warn, fail }: Bounds): string =>
  `warn > ${warn * 100} %, fail > ${fail * 100} % of the calls that hit one kind of error`;

/** One kind of error, and the calls whose first attempt hit it. */
interface FaultGroup {
  readonly kind: string;
  readonly calls: readonly Call[];
  /** Calls that failed without a second attempt. */
  readonly surfaced: readonly Call[];
}

/**
 * Judges whether a client gives up on transient errors: the share, by kind, of calls that failed without a second attempt
 * (`backoff.md` 3.24 and 3.25). `kindOf` names the error of an attempt; kinds in `lenient` never fail.
 */
export function judgeSurfaced(
  run: Run,
  kindOf: (attempt: Attempt) => string | undefined,
  { warn, fail, needed }: Bounds,
  words: { readonly nothing: string; readonly advice: string; readonly lenient?: readonly string[] },
): Judgement {
  const kinds = groupByFault(run, kindOf);
  const n = kinds.reduce((sum, { calls }) => sum + calls.length, 0);
  if (n === 0) return notApplicable(words.nothing);
  const judged = kinds.filter(({ calls }) => calls.length >= needed);
  if (judged.length === 0) {
    const reason = `${kinds.map(({ kind, calls }) => `${calls.length} calls hit ${kind}`).join(', ')}; ${needed} calls of one kind are needed.`;
    return inconclusive(n, needed, reason, 'Make the fault last longer, or use more load.');
  }
  const shareOf = ({ calls, surfaced }: FaultGroup): number => surfaced.length / calls.length;
  const worst = judged.reduce((most, one) => (shareOf(one) > shareOf(most) ? one : most));
  const failed = judged.some((one) => shareOf(one) > fail && !words.lenient?.includes(one.kind));
  return {
    status: failed ? 'fail' : shareOf(worst) > warn ? 'warn' : 'pass',
    n,
    needed,
    figure: shareOf(worst),
    evidence: judged.flatMap(({ kind, surfaced }) =>
      surfaced.map(({ attempts }) => proof(attempts[0]!, `${kind}, no second attempt`)),
    ),
    reason: `${judged.map(({ kind, calls, surfaced }) => `${surfaced.length} of ${calls.length} calls gave up on ${kind}`).join('; ')}.`,
    advice: words.advice,
  };
}

function groupByFault(run: Run, kindOf: (attempt: Attempt) => string | undefined): FaultGroup[] {
  const affected = run.calls.flatMap((call) => {
    const [first] = call.attempts;
    const kind = first && kindOf(first);
    return kind === undefined || call.result === 'open' ? [] : [{ kind, call }];
  });
  return [...Map.groupBy(affected, ({ kind }) => kind)].map(([kind, list]) => {
    const calls = list.map(({ call }) => call);
    const surfaced = calls.filter(({ result, attempts }) => result === 'error' && attempts.length === 1);
    return { kind, calls, surfaced };
  });
}
