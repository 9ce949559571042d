import { undecided } from '../finding.ts';
import type { Attempt, Call, Run } from '../run-view.ts';
import type { Evidence, Finding } from '../verdict.ts';

/** Calls of one kind of fault that are needed to judge it (`backoff.md` 3.24 and 3.25). */
const NEEDED = 5;
const FAIL_SHARE = 0.2;

export const SURFACED_THRESHOLD = 'warn > 0, fail > 20 % of the calls that met one kind';

/** One kind of fault, and the calls that met it first. */
interface Met {
  readonly kind: string;
  readonly calls: readonly Call[];
  /** Those that ended with no second attempt. */
  readonly surfaced: readonly Call[];
}

/**
 * Whether a client gives up on faults that pass: of the calls whose first attempt met one, by kind, the share that ended
 * without a second. `kindOf` names the fault of an attempt; kinds in `lenient` never fail.
 */
export function judgeSurfaced(
  run: Run,
  kindOf: (attempt: Attempt) => string | undefined,
  words: { readonly nothing: string; readonly advice: string; readonly lenient?: readonly string[] },
): Finding {
  const kinds = metBy(run, kindOf);
  const n = kinds.reduce((sum, { calls }) => sum + calls.length, 0);
  const common = { unit: 'share of calls', threshold: SURFACED_THRESHOLD, n, needed: NEEDED };
  if (n === 0) return undecided('not-applicable', { ...common, reason: words.nothing });
  const judged = kinds.filter(({ calls }) => calls.length >= NEEDED);
  if (judged.length === 0) {
    const reason = `${kinds.map(({ kind, calls }) => `${calls.length} calls met ${kind}`).join(', ')}; ${NEEDED} of one kind are needed.`;
    return undecided('inconclusive', { ...common, reason, advice: 'Let the fault last longer, or use more load.' });
  }
  const share = ({ calls, surfaced }: Met): number => surfaced.length / calls.length;
  const worst = judged.reduce((most, one) => (share(one) > share(most) ? one : most));
  const failed = judged.some((one) => share(one) > FAIL_SHARE && !words.lenient?.includes(one.kind));
  const status = failed ? 'fail' : share(worst) > 0 ? 'warn' : 'pass';
  return {
    ...common,
    status,
    figure: share(worst),
    evidence: judged.flatMap(({ kind, surfaced }) => surfaced.map((call) => evidenceOf(call, kind))).slice(0, 10),
    reason: `${judged.map(({ kind, calls, surfaced }) => `${surfaced.length} of ${calls.length} calls gave up on ${kind}`).join('; ')}.`,
    advice: status === 'pass' ? '' : words.advice,
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
    return {
      kind,
      calls,
      surfaced: calls.filter(({ result, attempts }) => result === 'error' && attempts.length === 1),
    };
  });
}

function evidenceOf(call: Call, kind: string): Evidence {
  const [only] = call.attempts;
  return { call: call.id, attempt: only!.id, atUs: only!.startUs, what: `${kind}, and no second attempt` };
}
