import type { Attempt, Call, Run } from '../run/run-view.ts';
import { inconclusive, notApplicable, proof } from './define-judge.ts';
import { isExact } from './how-much-is-proof.ts';
import type { Judgement } from './verdict.ts';
import { number, share, type ValuesOf } from './verdict-setting.ts';

/** The settings of both verdicts on errors that pass. */
export const SURFACED_SETTINGS = {
  warn: share(0, 'warn above this share of the calls that hit one kind of error'),
  fail: share(0.2, 'fail above this share of the calls that hit one kind of error'),
  needed: number(0, 'minimum calls that hit one kind of error; 0: one in virtual time, else two'),
};

type Bounds = ValuesOf<typeof SURFACED_SETTINGS>;

export const surfacedThreshold = ({ warn, fail }: Bounds): string =>
  `warn > ${warn * 100} %, fail > ${fail * 100} % of the calls that hit one kind of error`;

/** A kind of error, as a noun. A client may have reason to give up on a lenient one: it only warns. */
export interface FaultKind {
  readonly name: string;
  readonly isLenient?: true;
}

/** One kind of error, and the calls whose first attempt hit it. */
interface FaultGroup extends FaultKind {
  readonly calls: readonly Call[];
  /** Calls that failed without a second attempt. */
  readonly surfaced: readonly Call[];
}

/**
 * Judges whether a client gives up on errors that pass: the share, by kind, of calls that failed without a second attempt
 * (`backoff.md` 3.24 and 3.25). `kindOf` names the error of an attempt. One call may have had no time left for a second
 * attempt, so a share decides, however few the calls.
 */
export function judgeSurfaced(
  run: Run,
  kindOf: (attempt: Attempt) => FaultKind | undefined,
  { warn, fail, needed }: Bounds,
  words: { readonly nothing: string; readonly advice: string },
): Judgement {
  const kinds = groupByFault(run, kindOf);
  const n = kinds.reduce((sum, { calls }) => sum + calls.length, 0);
  if (n === 0) return notApplicable(words.nothing);
  const enough = needed > 0 ? needed : isExact(run) ? 1 : 2;
  const judged = kinds.filter(({ calls }) => calls.length >= enough);
  if (judged.length === 0) {
    const reason = `${describe(kinds)}; ${enough} calls of one kind are needed.`;
    const found = { figure: shareOf(worstOf(kinds)), evidence: evidenceOf(kinds) };
    return { ...inconclusive(n, enough, reason, 'Make the fault last longer, or use more load.'), ...found };
  }
  const figure = shareOf(worstOf(judged));
  const failed = judged.some((one) => shareOf(one) > fail && !one.isLenient);
  return {
    status: failed ? 'fail' : figure > warn ? 'warn' : 'pass',
    n,
    needed: enough,
    figure,
    evidence: evidenceOf(judged),
    reason: `${describe(judged)}.`,
    advice: words.advice,
  };
}

const shareOf = ({ calls, surfaced }: FaultGroup): number => surfaced.length / calls.length;

const worstOf = (kinds: readonly FaultGroup[]): FaultGroup =>
  kinds.reduce((most, one) => (shareOf(one) > shareOf(most) ? one : most));

const describe = (kinds: readonly FaultGroup[]): string =>
  kinds.map(({ name, calls, surfaced }) => `${surfaced.length} of ${calls.length} calls gave up on ${name}`).join('; ');

const evidenceOf = (kinds: readonly FaultGroup[]) =>
  kinds.flatMap(({ name, surfaced }) =>
    surfaced.map(({ attempts }) => proof(attempts[0]!, `${name}, no second attempt`)),
  );

function groupByFault(run: Run, kindOf: (attempt: Attempt) => FaultKind | undefined): FaultGroup[] {
  const affected = run.calls.flatMap((call) => {
    const [first] = call.attempts;
    const kind = first && kindOf(first);
    return kind === undefined || call.result === 'open' ? [] : [{ kind, call }];
  });
  return [...Map.groupBy(affected, ({ kind }) => kind.name).values()].map((list) => {
    const calls = list.map(({ call }) => call);
    const surfaced = calls.filter(({ result, attempts }) => result === 'error' && attempts.length === 1);
    return { ...list[0]!.kind, calls, surfaced };
  });
}
