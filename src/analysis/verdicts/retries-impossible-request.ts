import { limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { nonRetryableReason } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/**
 * Checks how the client treats a request larger than a limit (`backoff.md` 3.27). Such a request can never pass: every retry
 * fails, and if the client's own limiter holds it back, its call stays open without any attempt.
 */
export const retriesImpossibleRequest = defineJudge({
  id: 'retries-impossible-request',
  question: 'Does it retry a request that is larger than a limit?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Make a call larger than a limit: call.maxTokens or the prompt above its capacity.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: 'retries in one call',
  settings: {
    fail: number(2, 'fail from this many retries of such a request'),
    silent: duration(60_000_000, 'a call open this long with no attempt counts as stuck'),
  },
  threshold: ({ fail, silent }) => `warn > 0, fail ≥ ${fail} or open for ${formatDuration(silent)} with no attempt`,
  decide(run, { fail, silent }) {
    const oversized = run.calls.filter(({ attempts }) =>
      attempts.some((one) => nonRetryableReason(one) === 'too large'),
    );
    const hanging = run.calls.filter((call) => hangs(call, silent));
    const n = oversized.length + hanging.length;
    if (n === 0) return notApplicable('No request was larger than a limit.');
    if (hanging.length > 0) return { n, needed: 1, ...judgeHanging(hanging) };
    const worst = oversized.reduce((most, call) => (retriesIn(call) > retriesIn(most) ? call : most));
    const retries = retriesIn(worst);
    const refused = oversizedAttempt(worst);
    return {
      status: retries >= fail ? 'fail' : retries > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: retries,
      evidence: oversized
        .filter((call) => retriesIn(call) > 0)
        .map((call) =>
          proof(
            oversizedAttempt(call),
            `${describeSize(oversizedAttempt(call), run)}, sent ${retriesIn(call) + 1} times`,
          ),
        ),
      reason: `${oversized.length} calls needed more than a limit holds (${describeSize(refused, run)}) and were retried up to ${retries} times.`,
      advice:
        'Compare the size of a request with the limit before sending it; split or fail it, since waiting cannot help.',
    };
  },
});

function hangs({ result, attempts, startUs, endUs }: Call, silentUs: number): boolean {
  return result === 'open' && attempts.length === 0 && endUs - startUs >= silentUs;
}

function judgeHanging(hanging: readonly Call[]): Omit<Judgement, 'n' | 'needed'> {
  const longestUs = hanging.reduce((most, { startUs, endUs }) => Math.max(most, endUs - startUs), 0);
  return {
    status: 'fail',
    figure: 0,
    evidence: hanging.slice(0, MAX_EVIDENCE).map(({ id, startUs, endUs }) => ({
      call: id,
      attempt: null,
      atUs: startUs,
      what: `open for ${formatDuration(endUs - startUs)} with no attempt`,
    })),
    reason: `${hanging.length} calls sent nothing and never ended, the longest for ${formatDuration(longestUs)}: the client itself holds them back.`,
    advice: "Make the client's own limiter reject requests larger than its bucket, and give every call a deadline.",
  };
}

/** The first attempt of a call that was refused because it exceeds a limit. */
function oversizedAttempt({ attempts }: Call): Attempt {
  return attempts.find((one) => nonRetryableReason(one) === 'too large')!;
}

/** Attempts after the oversized one. */
function retriesIn(call: Call): number {
  return call.attempts.length - oversizedAttempt(call).number;
}

function describeSize({ limits, deniedBy }: Attempt, { header }: Run): string {
  const view = limits.find(({ limit }) => limit === deniedBy);
  const limit = header.scenario.provider.limits.find(({ name }) => name === deniedBy);
  return view && limit ? `${view.cost} ${limit.unit}, limit ${limitAmount(limit.spec)}` : 'more than the limit';
}
