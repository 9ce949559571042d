import { isAnswered, isRejected } from '../run/attempts.ts';
import type { Selection } from '../run/selection.ts';
import { findWaits } from '../run/waits.ts';
import { endedCalls, isTimed } from './call-metrics.ts';
import { countHits, sumCounts } from './counted-groups.ts';
import type { MetricTable } from './metric-definition.ts';

const isFailed = (attempt: Parameters<typeof isRejected>[0]): boolean => !isAnswered(attempt) && !isRejected(attempt);

/** Returns the tokens of each streamed reply, and the time in which they came. */
function streamedReplies({ attempts }: Selection): { readonly tokens: number; readonly us: number }[] {
  return attempts.flatMap((attempt) => {
    const { stream, headersUs, endUs, completionTokens: tokens = 0 } = attempt;
    if (!stream || !isAnswered(attempt) || headersUs === undefined || tokens === 0 || endUs <= headersUs) return [];
    return [{ tokens, us: endUs - headersUs }];
  });
}

/** Metrics of attempts, retries and tokens: the block ATTEMPTS of the report. */
export const ATTEMPT_METRICS = {
  attempts: {
    about: 'HTTP requests',
    of: 'attempts',
    better: 'neither',
    type: 'counter',
    count: ({ attempts }) => attempts.length,
    counted: ({ attempts }) => sumCounts(attempts),
  },
  attempt_duration: {
    about: 'from receipt of a request to the last byte of its reply',
    of: 'attempts',
    better: 'neither',
    type: 'trend',
    unit: 'us',
    percentiles: [95],
    samples: ({ attempts, run }) =>
      attempts
        .filter((attempt) => attempt.outcome === 'response' && isTimed(attempt, run))
        .map(({ startUs, endUs }) => endUs - startUs),
    counted: ({ attempts }) => attempts.map(({ durations }) => durations),
  },
  attempt_rejected: {
    about: 'share of attempts that a limit refused (429); with `limit`: that this one refused',
    of: 'attempts',
    better: 'less',
    type: 'rate',
    hitTags: ['limit', 'status', 'ending'],
    samples: ({ attempts }) => attempts.map(isRejected),
    counted: ({ attempts }) => countHits(attempts, isRejected),
  },
  attempt_failed: {
    about:
      'share of attempts neither answered nor refused by a limit: errors, also inside a 200, and broken or abandoned replies',
    of: 'attempts',
    better: 'less',
    type: 'rate',
    hitTags: ['status', 'ending'],
    samples: ({ attempts }) => attempts.map(isFailed),
    counted: ({ attempts }) => countHits(attempts, isFailed),
  },
  time_to_first_byte: {
    about: 'from receipt of a request to the head of its reply; answered attempts only',
    of: 'attempts',
    better: 'neither',
    type: 'trend',
    unit: 'us',
    percentiles: [95],
    samples: ({ attempts }) =>
      attempts.flatMap((attempt) =>
        isAnswered(attempt) && attempt.headersUs !== undefined ? [attempt.headersUs - attempt.startUs] : [],
      ),
    counted: ({ attempts }) => attempts.filter(isAnswered).map(({ firstBytes }) => firstBytes),
  },
  time_between_tokens: {
    about: 'mean time from token to token of a streamed reply, from its head to its end; answered attempts only',
    of: 'attempts',
    better: 'neither',
    needs: 'tokens',
    type: 'trend',
    unit: 'us',
    percentiles: [95],
    samples: (selection) =>
      streamedReplies(selection).flatMap(({ tokens, us }) => (tokens < 2 ? [] : [Math.round(us / (tokens - 1))])),
    counted: null,
  },
  tokens_per_second: {
    about: 'completion tokens a second of a streamed reply, from its head to its end; answered attempts only',
    of: 'attempts',
    better: 'neither',
    needs: 'tokens',
    type: 'trend',
    unit: 'count',
    percentiles: [50],
    samples: (selection) => streamedReplies(selection).map(({ tokens, us }) => (tokens * 1e6) / us),
    counted: null,
  },
  attempts_per_call: {
    about: 'attempts per call',
    of: 'calls',
    better: 'less',
    needs: 'inner-attempts',
    type: 'trend',
    unit: 'count',
    percentiles: [95],
    samples: (selection) => endedCalls(selection).map(({ attempts }) => attempts.length),
    counted: null,
  },
  retry_amplification: {
    about: 'attempts divided by calls with at least one attempt',
    of: 'calls',
    better: 'less',
    needs: 'inner-attempts',
    type: 'gauge',
    unit: 'ratio',
    value: ({ calls }) => {
      const sending = calls.filter(({ attempts }) => attempts.length > 0);
      return [sending.reduce((sum, { attempts }) => sum + attempts.length, 0), sending.length];
    },
    counted: null,
  },
  retry_after_asked: {
    about: 'wait requested by refusals',
    of: 'attempts',
    better: 'neither',
    type: 'trend',
    unit: 'us',
    percentiles: [50],
    samples: ({ attempts }) => attempts.flatMap(({ retryAfterUs }) => retryAfterUs ?? []),
    counted: ({ attempts }) => attempts.map(({ retryAfter }) => retryAfter),
  },
  retry_wait: {
    about: 'wait of clients between an attempt that was not answered and the next',
    of: 'run',
    better: 'neither',
    type: 'trend',
    unit: 'us',
    percentiles: [50, 95],
    samples: ({ run }) => findWaits(run).map(({ gapUs }) => gapUs),
    counted: null,
  },
  prompt_tokens: {
    about: 'prompt tokens of answered requests',
    of: 'attempts',
    better: 'cost',
    needs: 'tokens',
    type: 'counter',
    count: ({ attempts }) => attempts.reduce((sum, { promptTokens = 0 }) => sum + promptTokens, 0),
    counted: ({ attempts }) => attempts.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
  },
  completion_tokens: {
    about: 'completion tokens of replies',
    of: 'attempts',
    better: 'cost',
    needs: 'tokens',
    type: 'counter',
    count: ({ attempts }) => attempts.reduce((sum, { completionTokens = 0 }) => sum + completionTokens, 0),
    counted: ({ attempts }) => attempts.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
  },
} satisfies MetricTable;
