import { amountOf } from '../../../mock-server/admission/period.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { type Decision, defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { hopelessness } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/**
 * What becomes of a request larger than a limit? (`backoff.md` 3.27.) It can never pass: sent again, it fails for ever; kept
 * back by the client's own limiter, its call stays open with no attempt at all.
 */
export const retriesImpossibleRequest = defineJudge({
  id: 'retries-impossible-request',
  question: 'Does it try for ever what is larger than a limit?',
  severity: 'error',
  about: 'calls',
  unit: 'retries in one call',
  settings: {
    fail: number(2, 'retries of such a request from which on it fails'),
    silent: duration(60_000_000, 'a call open for so long with no attempt hangs'),
  },
  threshold: ({ fail, silent }) => `warn > 0, fail ≥ ${fail} or open for ${formatDuration(silent)} with no attempt`,
  decide(run, { fail, silent }) {
    const tried = run.calls.filter(({ attempts }) => attempts.some((one) => hopelessness(one) === 'too large'));
    const hanging = run.calls.filter((call) => hangs(call, silent));
    const n = tried.length + hanging.length;
    if (n === 0) return neverArose('No request was larger than a limit.');
    if (hanging.length > 0) return { n, needed: 1, ...withoutEnd(hanging) };
    const worst = tried.reduce((most, call) => (retriesIn(call) > retriesIn(most) ? call : most));
    const retries = retriesIn(worst);
    const refused = refusedOf(worst);
    return {
      status: retries >= fail ? 'fail' : retries > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: retries,
      evidence: tried
        .filter((call) => retriesIn(call) > 0)
        .map((call) =>
          proof(refusedOf(call), `${sizeOf(refusedOf(call), run)}, and sent ${retriesIn(call) + 1} times`),
        ),
      reason: `${tried.length} calls asked for more than a limit holds (${sizeOf(refused, run)}) and were sent again up to ${retries} times.`,
      advice: 'Compare the size of a request with the limit before sending: split it or fail it, since no wait helps.',
    };
  },
});

function hangs({ result, attempts, startUs, endUs }: Call, silentUs: number): boolean {
  return result === 'open' && attempts.length === 0 && endUs - startUs >= silentUs;
}

function withoutEnd(hanging: readonly Call[]): Omit<Decision, 'n' | 'needed'> {
  const longestUs = hanging.reduce((most, { startUs, endUs }) => Math.max(most, endUs - startUs), 0);
  return {
    status: 'fail',
    figure: 0,
    evidence: hanging.slice(0, MOST_EVIDENCE).map(({ id, startUs, endUs }) => ({
      call: id,
      attempt: null,
      atUs: startUs,
      what: `open for ${formatDuration(endUs - startUs)} with no attempt`,
    })),
    reason: `${hanging.length} calls sent nothing and never ended, the longest for ${formatDuration(longestUs)}: something of the client's own holds them back.`,
    advice: "Let the client's own limiter refuse what is larger than its bucket, and give every call a deadline.",
  };
}

/** The first attempt of a call that was refused for its size. */
function refusedOf({ attempts }: Call): Attempt {
  return attempts.find((one) => hopelessness(one) === 'too large')!;
}

/** Attempts after that one. */
function retriesIn(call: Call): number {
  return call.attempts.length - refusedOf(call).number;
}

function sizeOf({ limits, deniedBy }: Attempt, { header }: Run): string {
  const sight = limits.find(({ limit }) => limit === deniedBy);
  const limit = header.scenario.provider.limits.find(({ name }) => name === deniedBy);
  return sight && limit ? `${sight.cost} ${limit.unit} of ${amountOf(limit.spec)}` : 'more than the limit';
}
