import type { Attempt, Call, Run } from '../run/run-view.ts';
import { type Decision, neverArose, proof, tooLittle } from './define-judge.ts';
import { number, share, type ValuesOf } from './verdict-setting.ts';

/** What both verdicts on faults that pass can be told. */
export const SURFACED_SETTINGS = {
  warn: share(0, 'share of the calls that met one kind above which it warns'),
  fail: share(0.2, 'share of the calls that met one kind above which it fails'),
  needed: number(5, 'calls of one kind of fault that must have been seen'),
};

type Bounds = ValuesOf<typeof SURFACED_SETTINGS>;

export const surfacedThreshold = ({ warn, fail }: Bounds): string =>
  `warn > ${warn * 100} %, fail > ${fail * 100} % of the calls that met one kind`;

/** One kind of fault, and the calls that met it first. */
interface Met {
  readonly kind: string;
  readonly calls: readonly Call[];
  /** Those that ended with no second attempt. */
  readonly surfaced: readonly Call[];
}

/**
 * Whether a client gives up on faults that pass: of the calls whose first attempt met one, by kind, the share that ended
 * without a second (`backoff.md` 3.24 and 3.25). `kindOf` names the fault of an attempt; kinds in `lenient` never fail.
 */
export function judgeSurfaced(
  run: Run,
  kindOf: (attempt: Attempt) => string | undefined,
  { warn, fail, needed }: Bounds,
  words: { readonly nothing: string; readonly advice: string; readonly lenient?: readonly string[] },
): Decision {
  const kinds = metBy(run, kindOf);
  const n = kinds.reduce((sum, { calls }) => sum + calls.length, 0);
  if (n === 0) return neverArose(words.nothing);
  const judged = kinds.filter(({ calls }) => calls.length >= needed);
  if (judged.length === 0) {
    const reason = `${kinds.map(({ kind, calls }) => `${calls.length} calls met ${kind}`).join(', ')}; ${needed} of one kind are needed.`;
    return tooLittle(n, needed, reason, 'Let the fault last longer, or use more load.');
  }
  const part = ({ calls, surfaced }: Met): number => surfaced.length / calls.length;
  const worst = judged.reduce((most, one) => (part(one) > part(most) ? one : most));
  const failed = judged.some((one) => part(one) > fail && !words.lenient?.includes(one.kind));
  return {
    status: failed ? 'fail' : part(worst) > warn ? 'warn' : 'pass',
    n,
    needed,
    figure: part(worst),
    evidence: judged.flatMap(({ kind, surfaced }) =>
      surfaced.map(({ attempts }) => proof(attempts[0]!, `${kind}, and no second attempt`)),
    ),
    reason: `${judged.map(({ kind, calls, surfaced }) => `${surfaced.length} of ${calls.length} calls gave up on ${kind}`).join('; ')}.`,
    advice: words.advice,
  };
}

function metBy(run: Run, kindOf: (attempt: Attempt) => string | undefined): Met[] {
  const met = run.calls.flatMap((call) => {
    const [first] = call.attempts;
    const kind = first && kindOf(first);
    return kind === undefined || call.result === 'open' ? [] : [{ kind, call }];
  });
  return [...Map.groupBy(met, ({ kind }) => kind)].map(([kind, list]) => {
    const calls = list.map(({ call }) => call);
    const surfaced = calls.filter(({ result, attempts }) => result === 'error' && attempts.length === 1);
    return { kind, calls, surfaced };
  });
}
