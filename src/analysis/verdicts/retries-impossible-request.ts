import { limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { formatMetric } from '../format.ts';
import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { type Evidence, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import { createReader, estimateNeeds, findOversized, type Need } from '../ledger/needs.ts';
import { nonRetryableReason } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { mergeRanges } from '../run/time-ranges.ts';
import { largest } from '../statistics/extremes.ts';
import { topBy } from '../statistics/top-by.ts';

/**
 * Checks how the client treats a request larger than a limit (`backoff.md` 3.27): of an attempt that was refused for good, or of a
 * call that sent nothing and whose prompt alone is too large. Such a request can never pass: every retry fails, and a client that
 * holds it back holds it for ever. Calls that are held for other reasons are not its business.
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
    silent: duration(60_000_000, 'such a call that is open this long with no attempt counts as stuck'),
  },
  threshold: ({ fail, silent }) => `warn > 0, fail ≥ ${fail} or open for ${formatDuration(silent)} with no attempt`,
  decide(run, { fail, silent }) {
    const oversized = findOversizedCalls(run, silent);
    const n = oversized.length;
    if (n === 0) return notApplicable('No request was larger than a limit.');
    const worst = oversized.reduce((most, one) => (one.retries > most.retries ? one : most));
    const stuck = oversized.filter(({ refused }) => refused === undefined);
    const wrong = oversized.filter(({ retries, refused }) => retries > 0 || refused === undefined);
    return {
      status: worst.retries >= fail || stuck.length > 0 ? 'fail' : worst.retries > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: worst.retries,
      evidence: topBy(wrong, ({ retries }) => retries, MAX_EVIDENCE).map(evidenceOf),
      reason: `${tellSize(oversized, worst)}${tellStuck(stuck)}${tellBehind(oversized, run)}`,
      advice:
        'Compare the size of a request with the limit before sending it; split or fail it, since waiting cannot help.' +
        (stuck.length > 0 ? " Make the client's own limiter reject it too, and give every call a deadline." : ''),
    };
  },
});

/** A call that can never be admitted. */
interface OversizedCall {
  readonly call: Call;
  /** What it needs of the limit that it exceeds; undefined if the scenario does not have that limit. */
  readonly need: Need | undefined;
  /** Its first attempt that was refused for its size; undefined if it sent none. */
  readonly refused: Attempt | undefined;
  /** Attempts after that. */
  readonly retries: number;
}

function findOversizedCalls(run: Run, silentUs: number): OversizedCall[] {
  const readNeeds = createReader(run);
  const ofPrompt = findOversized(estimateNeeds(run));
  return run.calls.flatMap((call): OversizedCall[] => {
    const { attempts, startUs, endUs, result } = call;
    const refused = attempts.find((attempt) => nonRetryableReason(attempt) === 'too large');
    if (refused) {
      const needs = readNeeds(refused);
      const need = findOversized(needs) ?? needs.find(({ limit }) => limit.name === refused.deniedBy);
      return [
        {
          call,
          need,
          refused,
          retries: attempts.filter((one) => one.number > refused.number && one.provider === refused.provider).length,
        },
      ];
    }
    const isStuck = attempts.length === 0 && result === 'open' && endUs - startUs >= silentUs;
    return isStuck && ofPrompt ? [{ call, need: ofPrompt, refused, retries: 0 }] : [];
  });
}

function describeSize({ need }: OversizedCall): string {
  if (need && limitAmount(need.limit.spec) === 0) return `limit ${need.limit.name} is shut`;
  return need ? `${need.cost} ${need.limit.unit}, limit ${limitAmount(need.limit.spec)}` : 'more than the limit';
}

function tellSize(oversized: readonly OversizedCall[], worst: OversizedCall): string {
  const needed = `${oversized.length} ${oversized.length === 1 ? 'call' : 'calls'} needed more than a limit holds (${describeSize(worst)})`;
  return worst.retries === 0
    ? `${needed}; none was retried.`
    : `${needed}, retried up to ${worst.retries} ${worst.retries === 1 ? 'time' : 'times'}.`;
}

function tellStuck(stuck: readonly OversizedCall[]): string {
  if (stuck.length === 0) return '';
  const longestUs = largest(stuck.map(({ call }) => call.endUs - call.startUs));
  return ` ${stuck.length} of them sent nothing and never ended: the client holds them back, the longest for ${formatMetric(longestUs)}.`;
}

/** Other calls that the client held while the largest ones were open. */
function tellBehind(oversized: readonly OversizedCall[], run: Run): string {
  const own = new Set(oversized.map(({ call }) => call));
  const spans = mergeRanges(oversized.map(({ call }) => call));
  const behind = run.calls.filter(
    (call) =>
      !own.has(call) &&
      call.attempts.length === 0 &&
      call.result !== 'ok' &&
      spans.some(({ startUs, endUs }) => startUs <= call.startUs && call.startUs < endUs),
  ).length;
  return behind === 0 ? '' : ` ${behind} other ${behind === 1 ? 'call' : 'calls'} waited behind them and sent nothing.`;
}

function evidenceOf(one: OversizedCall): Evidence {
  const { call, refused, retries } = one;
  if (refused) return proof(refused, `${describeSize(one)}, sent ${retries + 1} times`);
  const what = `${describeSize(one)}, open for ${formatMetric(call.endUs - call.startUs)} with no attempt`;
  return { call: call.id, attempt: null, atUs: call.startUs, what };
}
