import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { topBy } from '../statistics/top-by.ts';

/** Wasted tokens, and the reason. */
interface Waste {
  readonly attempt: Attempt;
  readonly tokens: number;
  readonly why: string;
}

/**
 * Measures the share of wasted tokens (`backoff.md` 3.16): replies that were aborted, cut off or requested again, and refused
 * requests that a limit charges.
 */
export const wastedTokens = defineJudge({
  id: 'wasted-tokens',
  question: 'What share of tokens is wasted?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Let calls be answered: raise a limit, or end a fault.',
  about: 'calls',
  needs: { tokens: 'always' },
  unit: 'share of tokens',
  settings: {
    warn: share(0.05, 'warn above this share of tokens'),
    fail: share(0.2, 'fail above this share of tokens'),
    needed: number(20, 'minimum admitted attempts'),
    price: number(0, 'price per million tokens, to show the cost'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of tokens`,
  decide(run, { warn, fail, needed, price }) {
    const admitted = run.attempts.filter((attempt) => isAdmitted(attempt) || isCutOff(attempt));
    const n = admitted.length;
    const waste = [...run.calls.flatMap(unusedAnswers), ...chargedRefusals(run)];
    const lost = waste.reduce((sum, { tokens }) => sum + tokens, 0);
    const refused = waste.reduce((sum, { attempt, tokens }) => sum + (isRejected(attempt) ? tokens : 0), 0);
    const all = admitted.reduce((sum, attempt) => sum + tokensOf(attempt), 0) + refused;
    if (all === 0) return notApplicable('No tokens were charged.');
    if (n < needed) {
      return inconclusive(
        n,
        needed,
        `${n} requests were admitted; ${needed} are needed.`,
        'Run longer or with more load.',
      );
    }
    const cost = price > 0 ? `, worth ${((lost * price) / 1e6).toFixed(2)} at ${price} per million` : '';
    return {
      status: above(lost / all, warn, fail),
      n,
      needed,
      figure: lost / all,
      evidence: topBy(waste, ({ tokens }) => tokens, MAX_EVIDENCE).map(({ attempt, tokens, why }) =>
        proof(attempt, `${tokens} tokens: ${why}`),
      ),
      reason: `${lost} of ${all} tokens were wasted${cost}.`,
      advice:
        'Set timeouts longer than replies take, do not hedge under a quota, and keep the partial text of broken streams.',
    };
  },
});

function tokensOf({ promptTokens = 0, completionTokens = 0 }: Attempt): number {
  return promptTokens + completionTokens;
}

/** Admitted attempts of a call whose replies were not used. */
function unusedAnswers({ attempts, result }: Call): Waste[] {
  return attempts.flatMap((attempt, index): Waste[] => {
    const why =
      isAdmitted(attempt) || isCutOff(attempt) ? whyUnused(attempt, attempts.slice(index + 1), result) : undefined;
    return why === undefined || tokensOf(attempt) === 0 ? [] : [{ attempt, tokens: tokensOf(attempt), why }];
  });
}

/** Admitted, but the connection ended before the reply was complete. */
function isCutOff({ outcome, status }: Attempt): boolean {
  return (outcome === 'aborted' || outcome === 'reset') && status >= 200 && status < 300;
}

function whyUnused(attempt: Attempt, later: readonly Attempt[], result: Call['result']): string | undefined {
  if (attempt.outcome === 'aborted') return 'the client aborted a reply in progress';
  if (attempt.outcome === 'reset') return 'the connection broke before the reply was complete';
  if (attempt.sentChars !== undefined) return 'the stream broke before its end';
  const again = later.some((next) => isAdmitted(next) && next.bodyHash === attempt.bodyHash);
  return again && result !== 'open' ? 'answered, then requested again' : undefined;
}

/** Tokens charged for refused requests by limits that charge them in full. */
function chargedRefusals(run: Run): Waste[] {
  const charging = new Set(
    run.header.scenario.provider.limits
      .filter(({ unit, chargeRejected }) => unit === 'tokens' && chargeRejected === 'all')
      .map(({ name }) => name),
  );
  if (charging.size === 0) return [];
  return run.attempts.filter(isRejected).flatMap((attempt): Waste[] => {
    const charged = attempt.limits.find(({ limit }) => charging.has(limit));
    return charged ? [{ attempt, tokens: charged.cost, why: 'refused but charged' }] : [];
  });
}
