import { clearest } from '../judging/clearest.ts';
import { above, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isAdmitted, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/** Tokens that bought nothing, and why. */
interface Waste {
  readonly attempt: Attempt;
  readonly tokens: number;
  readonly why: string;
}

/**
 * What share of the tokens bought nothing? (`backoff.md` 3.16.) Those of answers that nobody took: given up, cut off, or sent
 * again; and those charged to refused requests, where a limit does so.
 */
export const wastedTokens = defineJudge({
  id: 'wasted-tokens',
  question: 'What share of the tokens bought nothing?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of tokens',
  settings: {
    warn: share(0.05, 'share of tokens above which it warns'),
    fail: share(0.2, 'share of tokens above which it fails'),
    needed: number(20, 'admitted attempts that must have been seen'),
    price: number(0, 'price of a million tokens, to tell what the waste costs'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of tokens`,
  decide(run, { warn, fail, needed, price }) {
    const admitted = run.attempts.filter((attempt) => isAdmitted(attempt) || isCutOff(attempt));
    const n = admitted.length;
    const waste = [...run.calls.flatMap(unusedAnswers), ...chargedRefusals(run)];
    const lost = waste.reduce((sum, { tokens }) => sum + tokens, 0);
    const refused = waste.reduce((sum, { attempt, tokens }) => sum + (isRejected(attempt) ? tokens : 0), 0);
    const all = admitted.reduce((sum, attempt) => sum + tokensOf(attempt), 0) + refused;
    if (all === 0) return neverArose('No tokens were charged.');
    if (n < needed) {
      return tooLittle(
        n,
        needed,
        `${n} requests were admitted; ${needed} are needed.`,
        'Run longer, or with more load.',
      );
    }
    const cost = price > 0 ? `, ${((lost * price) / 1e6).toFixed(2)} at ${price} a million` : '';
    return {
      status: above(lost / all, warn, fail),
      n,
      needed,
      figure: lost / all,
      evidence: clearest(waste, ({ tokens }) => tokens).map(({ attempt, tokens, why }) =>
        proof(attempt, `${tokens} tokens: ${why}`),
      ),
      reason: `${lost} of ${all} tokens bought nothing${cost}.`,
      advice:
        'Wait longer for answers than they take, do not hedge under a quota, and keep what a broken stream has brought.',
    };
  },
});

function tokensOf({ promptTokens = 0, completionTokens = 0 }: Attempt): number {
  return promptTokens + completionTokens;
}

/** Answers of a call that were admitted and then not taken. */
function unusedAnswers({ attempts, result }: Call): Waste[] {
  return attempts.flatMap((attempt, index): Waste[] => {
    const why =
      isAdmitted(attempt) || isCutOff(attempt) ? whyUnused(attempt, attempts.slice(index + 1), result) : undefined;
    return why === undefined || tokensOf(attempt) === 0 ? [] : [{ attempt, tokens: tokensOf(attempt), why }];
  });
}

/** Admitted, and the connection went before the answer was whole. */
function isCutOff({ outcome, status }: Attempt): boolean {
  return (outcome === 'aborted' || outcome === 'reset') && status >= 200 && status < 300;
}

function whyUnused(attempt: Attempt, later: readonly Attempt[], result: Call['result']): string | undefined {
  if (attempt.outcome === 'aborted') return 'the client gave up on an answer that was on its way';
  if (attempt.outcome === 'reset') return 'the connection broke before the answer was whole';
  if (attempt.sentChars !== undefined) return 'the stream broke before its end';
  const again = later.some((next) => isAdmitted(next) && next.bodyHash === attempt.bodyHash);
  return again && result !== 'open' ? 'answered, and the same was asked again' : undefined;
}

/** What limits charged that charge refused requests in full. */
function chargedRefusals(run: Run): Waste[] {
  const charging = new Set(
    run.header.scenario.provider.limits
      .filter(({ unit, chargeRejected }) => unit === 'tokens' && chargeRejected === 'all')
      .map(({ name }) => name),
  );
  if (charging.size === 0) return [];
  return run.attempts.filter(isRejected).flatMap((attempt): Waste[] => {
    const charged = attempt.limits.find(({ limit }) => charging.has(limit));
    return charged ? [{ attempt, tokens: charged.cost, why: 'refused, and charged all the same' }] : [];
  });
}
