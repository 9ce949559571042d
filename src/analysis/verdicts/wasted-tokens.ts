import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isAnswered, isRejected } from '../run/attempts.ts';
import { createTokenCounter } from '../run/charged-tokens.ts';
import { describeEnding } from '../run/describe-ending.ts';
import { type Job, jobsOf } from '../run/jobs.ts';
import type { Attempt } from '../run/run-view.ts';
import { topBy } from '../statistics/top-by.ts';

/** Tokens that bought nothing, why, and whose doing it was. */
interface Waste {
  readonly attempt: Attempt;
  readonly tokens: number;
  readonly why: string;
  readonly by: 'client' | 'provider';
}

/**
 * Measures the share of tokens that the client wasted (`backoff.md` 3.16): replies that it aborted or requested again, and
 * refused requests that a limit charges. What the provider lost, in replies that broke or cannot be read, is told beside it.
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
    needed: number(0, 'minimum admitted attempts; 0: one in virtual time, else 20'),
    price: number(0, 'price per million tokens, to show the cost'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of tokens`,
  decide(run, { warn, fail, needed, price }) {
    const tokensOf = createTokenCounter(run);
    const admitted = run.attempts.filter(isCharged);
    const n = admitted.length;
    const refused = run.attempts.filter(isRejected).flatMap((attempt): Waste[] => {
      const tokens = tokensOf(attempt);
      return tokens === 0 ? [] : [{ attempt, tokens, why: 'refused but charged', by: 'client' }];
    });
    const waste = [...jobsOf(run).flatMap((job) => unusedAnswers(job, tokensOf)), ...refused];
    const all = sum(admitted.map(tokensOf)) + sum(refused.map(({ tokens }) => tokens));
    if (all === 0) return notApplicable('No tokens were charged.');
    const own = waste.filter(({ by }) => by === 'client');
    const wasted = sum(own.map(({ tokens }) => tokens));
    const lost = sum(waste.map(({ tokens }) => tokens)) - wasted;
    const cost = price > 0 ? `, worth ${((wasted * price) / 1e6).toFixed(2)} at ${price} per million` : '';
    const found = {
      n,
      needed: needed > 0 ? needed : isExact(run) ? 1 : MIN_ADMITTED,
      figure: wasted / all,
      evidence: topBy(own, ({ tokens }) => tokens, MAX_EVIDENCE).map(({ attempt, tokens, why }) =>
        proof(attempt, `${tokens} tokens: ${why}`),
      ),
    };
    const reason =
      `${wasted} of ${all} tokens were wasted${cost}.` +
      (lost > 0 ? ` The provider lost ${lost} more, in replies that broke off or could not be read.` : '');
    if (n < found.needed) {
      const few = `${reason} Only ${n} requests were admitted; ${found.needed} are needed.`;
      return { ...found, status: 'inconclusive', reason: few, advice: 'Run longer or with more load.' };
    }
    const advice = 'Set timeouts longer than replies take, and do not hedge under a quota.';
    return { ...found, status: above(wasted / all, warn, fail), reason, advice };
  },
});

/** Admitted attempts that are enough where times are not exact. */
const MIN_ADMITTED = 20;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Let in by the provider, whatever became of the reply; not one that the end of the run cut off. */
function isCharged({ outcome, status }: Attempt): boolean {
  return outcome !== 'open' && status >= 200 && status < 300;
}

/** Charged attempts of a job whose replies were not used. */
function unusedAnswers({ attempts, result }: Job, tokensOf: (attempt: Attempt) => number): Waste[] {
  return attempts.filter(isCharged).flatMap((attempt): Waste[] => {
    const tokens = tokensOf(attempt);
    const unused = whyUnused(attempt, attempts.slice(attempts.indexOf(attempt) + 1), result);
    return unused === undefined || tokens === 0 ? [] : [{ attempt, tokens, ...unused }];
  });
}

function whyUnused(
  attempt: Attempt,
  later: readonly Attempt[],
  result: Job['result'],
): Pick<Waste, 'why' | 'by'> | undefined {
  if (!isAnswered(attempt)) {
    // A stream that stalls is abandoned for a reason.
    const isOwn = attempt.outcome === 'aborted' && attempt.sentChars === undefined;
    if (isOwn) return { why: 'the client aborted a reply in progress', by: 'client' };
    return { why: describeEnding(attempt), by: 'provider' };
  }
  const again = later.some((next) => isAnswered(next) && next.bodyHash === attempt.bodyHash);
  return again && result !== 'open' ? { why: 'answered, then requested again', by: 'client' } : undefined;
}
