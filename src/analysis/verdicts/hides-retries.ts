import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { groupByProvider } from '../run/by-provider.ts';

/**
 * Compares the attempts per call with the configured maximum (`backoff.md` 3.29). Informational unless the scenario sets that
 * maximum. SDKs make n + 1 attempts for maxRetries n.
 */
export const hidesRetries = defineJudge({
  id: 'hides-retries',
  question: 'Does it make more attempts than you configured?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set a limit below the load, or add a fault, so that calls are retried.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-pass' },
  unit: 'attempts in one call',
  settings: { attempts: number(0, 'maximum attempts per call that you configured; 0 if unknown') },
  threshold: ({ attempts }) => (attempts === 0 ? 'informational' : `fail > ${attempts}`),
  decide({ calls }, { attempts: configured }) {
    const retried = calls.flatMap(({ attempts }) => groupByProvider(attempts)).filter(({ length }) => length > 1);
    const n = calls.filter(({ attempts }) => attempts.length > 0).length;
    if (n === 0) return notApplicable('No call sent a request.');
    const most = retried.reduce((max, { length }) => Math.max(max, length), 1);
    const beyond = configured === 0 ? [] : retried.filter(({ length }) => length > configured);
    return {
      status: beyond.length > 0 ? 'fail' : 'pass',
      n,
      needed: 1,
      figure: most,
      evidence: beyond.map((attempts) =>
        proof(attempts.at(-1)!, `attempt ${attempts.length} of its call; ${configured} configured`),
      ),
      reason:
        `Up to ${most} attempts per call (maxRetries: ${most - 1} in an SDK)` +
        (configured === 0 ? '.' : `; ${configured} configured.`),
      advice: "Look for a second retry layer: an SDK's own retries stay on beside yours unless its maxRetries is 0.",
    };
  },
});
