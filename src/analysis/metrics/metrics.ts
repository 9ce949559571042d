import type { MissingFact } from '../../journal/record.ts';
import { attributionGap } from '../judging/attribution-gap.ts';
import { missingIn } from '../judging/recorded-facts.ts';
import { findRetries, isAdmitted, isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { type Selection, type Subject, select } from '../run/selection.ts';
import { expandCounts } from '../statistics/counts.ts';
import { ascending } from '../statistics/percentile.ts';
import { countedNumber, countedSamples, countedShare } from './second-metrics.ts';

/** A computed metric. Its type decides its aggregations, as in k6. Durations in microseconds, rates from 0 to 1. */
export type Metric =
  | {
      readonly name: string;
      readonly type: 'trend';
      readonly unit: 'us' | 'count';
      /** Samples in ascending order. */
      readonly sorted: readonly number[];
    }
  | { readonly name: string; readonly type: 'rate'; readonly hits: number; readonly samples: number }
  | { readonly name: string; readonly type: 'counter'; readonly count: number; readonly perSecond: number }
  | {
      readonly name: string;
      readonly type: 'gauge';
      readonly unit: 'per-second' | 'ratio';
      readonly value: number | null;
      readonly samples: number;
    };

type MetricDefinition = { readonly about: string; readonly of: Subject } & (
  | { readonly type: 'trend'; readonly unit: 'us' | 'count'; samples(selection: Selection): number[] }
  | { readonly type: 'rate'; samples(selection: Selection): boolean[] }
  | { readonly type: 'counter'; count(selection: Selection): number }
  | { readonly type: 'gauge'; readonly unit: 'per-second' | 'ratio'; value(selection: Selection): [number, number] }
);

const endedCalls = ({ calls }: Selection): Call[] => calls.filter(({ result }) => result !== 'open');
/** A recording may lack the end of a reply; its record then ends when it starts (`journal/record.ts`). */
const isTimed = (last: Attempt | undefined, { header }: Run): boolean =>
  !header.recorded || last === undefined || last.endUs > last.startUs;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every metric, in the order of reports. `of` decides which tags it takes. */
export const METRICS: Readonly<Record<string, MetricDefinition>> = {
  call_duration: {
    about: 'from the scheduled start of a call to its end',
    of: 'calls',
    type: 'trend',
    unit: 'us',
    samples: (selection) =>
      endedCalls(selection)
        .filter(({ attempts }) => isTimed(attempts.at(-1), selection.run))
        .map(({ scheduledUs, endUs }) => endUs - scheduledUs),
  },
  call_failed: {
    about: 'share of ended calls that the client reported as failed',
    of: 'calls',
    type: 'rate',
    samples: (selection) => endedCalls(selection).map(({ result }) => result === 'error'),
  },
  calls: { about: 'calls started', of: 'calls', type: 'counter', count: ({ calls }) => calls.length },
  calls_unfinished: {
    about: 'calls still open at the end of the run',
    of: 'calls',
    type: 'counter',
    count: ({ calls }) => calls.filter(({ result }) => result === 'open').length,
  },
  goodput: {
    about: 'successful calls per second',
    of: 'calls',
    type: 'gauge',
    unit: 'per-second',
    value: ({ calls, run }) => [calls.filter(({ result }) => result === 'ok').length, run.endUs / 1e6],
  },
  attempts: { about: 'HTTP requests', of: 'attempts', type: 'counter', count: ({ attempts }) => attempts.length },
  attempt_duration: {
    about: 'from receipt of a request to the last byte of its reply',
    of: 'attempts',
    type: 'trend',
    unit: 'us',
    samples: ({ attempts, run }) =>
      attempts
        .filter((attempt) => attempt.outcome === 'response' && isTimed(attempt, run))
        .map(({ startUs, endUs }) => endUs - startUs),
  },
  attempt_rejected: {
    about: 'share of attempts that a limit refused (429)',
    of: 'attempts',
    type: 'rate',
    samples: ({ attempts }) => attempts.map(isRejected),
  },
  attempt_failed: {
    about: 'share of attempts neither admitted nor refused by a limit',
    of: 'attempts',
    type: 'rate',
    samples: ({ attempts }) => attempts.map((attempt) => !isAdmitted(attempt) && !isRejected(attempt)),
  },
  time_to_first_byte: {
    about: 'from receipt of a request to the head of its reply; admitted attempts only',
    of: 'attempts',
    type: 'trend',
    unit: 'us',
    samples: ({ attempts }) =>
      attempts.flatMap((attempt) =>
        isAdmitted(attempt) && attempt.headersUs !== undefined ? [attempt.headersUs - attempt.startUs] : [],
      ),
  },
  attempts_per_call: {
    about: 'attempts per call',
    of: 'calls',
    type: 'trend',
    unit: 'count',
    samples: (selection) => endedCalls(selection).map(({ attempts }) => attempts.length),
  },
  retry_amplification: {
    about: 'attempts divided by calls with at least one attempt',
    of: 'calls',
    type: 'gauge',
    unit: 'ratio',
    value: ({ calls }) => {
      const sending = calls.filter(({ attempts }) => attempts.length > 0);
      return [sum(sending.map(({ attempts }) => attempts.length)), sending.length];
    },
  },
  retry_after_asked: {
    about: 'wait requested by refusals',
    of: 'attempts',
    type: 'trend',
    unit: 'us',
    samples: ({ attempts }) => attempts.flatMap(({ retryAfterUs }) => retryAfterUs ?? []),
  },
  retry_wait: {
    about: 'wait of clients between a refusal and the next attempt',
    of: 'run',
    type: 'trend',
    unit: 'us',
    samples: ({ run }) => findRetries(run).map(({ gapUs }) => gapUs),
  },
  dropped_iterations: {
    about: 'scheduled iterations without a free VU',
    of: 'run',
    type: 'counter',
    count: ({ run }) => run.dropped.length,
  },
  start_lateness: {
    about: 'delay between the scheduled and the actual start of a call, caused by the runner',
    of: 'calls',
    type: 'trend',
    unit: 'us',
    samples: ({ calls }) => calls.map(({ scheduledUs, startUs }) => startUs - scheduledUs),
  },
  prompt_tokens: {
    about: 'prompt tokens of answered requests',
    of: 'attempts',
    type: 'counter',
    count: ({ attempts }) => sum(attempts.map(({ promptTokens }) => promptTokens ?? 0)),
  },
  completion_tokens: {
    about: 'completion tokens of replies',
    of: 'attempts',
    type: 'counter',
    count: ({ attempts }) => sum(attempts.map(({ completionTokens }) => completionTokens ?? 0)),
  },
};

/** Computes every metric of a run. Recorded runs and runs of a program lack the metrics whose facts are unknown. */
export function computeMetrics(run: Run): Metric[] {
  return Object.keys(METRICS)
    .filter((name) => isComputable(run, name))
    .map((name) => computeMetric(run, name, {}));
}

/** Facts that a recording must contain for a metric. `runner`: known only when QuotaLab made the calls. */
const REQUIRED_FACTS: Readonly<Record<string, MissingFact | 'runner'>> = {
  attempts_per_call: 'inner-attempts',
  retry_amplification: 'inner-attempts',
  prompt_tokens: 'tokens',
  completion_tokens: 'tokens',
  dropped_iterations: 'runner',
  start_lateness: 'runner',
};

function isComputable(run: Run, name: string): boolean {
  const { recorded, program } = run.header;
  if (!recorded && !program) return true;
  const needed = REQUIRED_FACTS[name];
  if (needed === 'runner' || (needed !== undefined && missingIn(run).includes(needed))) return false;
  return METRICS[name]!.of !== 'calls' || attributionGap(run) === undefined;
}

/** Computes one metric over the part of a run selected by `tags`. `name` must be a key of `METRICS`. */
export function computeMetric(run: Run, name: string, tags: Readonly<Record<string, string>>): Metric {
  const definition = METRICS[name]!;
  const selection = select(run, definition.of, tags);
  switch (definition.type) {
    case 'trend': {
      const samples = definition.samples(selection);
      for (const sample of expandCounts(countedSamples(name, selection.counted))) samples.push(sample);
      const sorted = ascending(samples);
      return { name, type: 'trend', unit: definition.unit, sorted };
    }
    case 'rate': {
      const samples = definition.samples(selection);
      const [hits, more] = countedShare(name, selection.counted);
      return { name, type: 'rate', hits: samples.filter(Boolean).length + hits, samples: samples.length + more };
    }
    case 'counter': {
      const count = definition.count(selection) + countedNumber(name, selection.counted);
      return { name, type: 'counter', count, perSecond: run.endUs === 0 ? 0 : count / (run.endUs / 1e6) };
    }
    case 'gauge': {
      const [single, divisor] = definition.value(selection);
      const dividend = single + countedNumber(name, selection.counted);
      const value = divisor === 0 ? null : dividend / divisor;
      const samples = selection.calls.length + countedNumber('calls', selection.counted);
      return { name, type: 'gauge', unit: definition.unit, value, samples: divisor === 0 ? 0 : samples };
    }
  }
}
