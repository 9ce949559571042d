import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';

/**
 * Does it make more attempts than it was told to? (`backoff.md` 3.29.) Information, unless the scenario says how many
 * attempts were meant: `max_retries = n` means n + 1 attempts in SDKs, `stop_after_attempt(n)` means n.
 */
export const hidesRetries = defineJudge({
  id: 'hides-retries',
  question: 'Are there more attempts than somebody meant?',
  severity: 'warn',
  about: 'calls',
  unit: 'attempts in one call',
  settings: { attempts: number(0, 'the most attempts that a call is meant to make; 0 for unknown') },
  threshold: ({ attempts }) => (attempts === 0 ? 'for information' : `fail > ${attempts}`),
  decide({ calls }, { attempts: meant }) {
    const retried = calls.filter(({ attempts }) => attempts.length > 1);
    const n = calls.filter(({ attempts }) => attempts.length > 0).length;
    if (n === 0) return neverArose('No call sent anything.');
    const most = retried.reduce((max, { attempts }) => Math.max(max, attempts.length), 1);
    const beyond = meant === 0 ? [] : retried.filter(({ attempts }) => attempts.length > meant);
    return {
      status: beyond.length > 0 ? 'fail' : 'pass',
      n,
      needed: 1,
      figure: most,
      evidence: beyond.map(({ attempts }) =>
        proof(attempts.at(-1)!, `attempt ${attempts.length} of one call, where ${meant} were meant`),
      ),
      reason:
        `The most attempts in one call were ${most}, which an SDK calls max_retries = ${most - 1} and tenacity stop_after_attempt(${most})` +
        (meant === 0 ? '.' : `; ${meant} were meant.`),
      advice: "Look for another layer that retries: an SDK's own retries stay on beside yours unless maxRetries is 0.",
    };
  },
});
