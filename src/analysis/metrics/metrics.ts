import type { MissingFact } from '../../journal/record.ts';
import { attributionGap } from '../judging/attribution-gap.ts';
import { missingIn } from '../judging/recorded-facts.ts';
import { isAdmitted, isRejected, retriesOf } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { type Selection, type Subject, select } from '../run/selection.ts';
import { expanded } from '../statistics/counts.ts';
import { ascending } from '../statistics/percentile.ts';
import { addedNumber, addedSamples, addedShare } from './second-metrics.ts';

/** Durations in microseconds; rates as shares of 1. As in k6: what a metric contains decides what can be asked of it. */
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

type Definition = { readonly about: string; readonly of: Subject } & (
  | { readonly type: 'trend'; readonly unit: 'us' | 'count'; samples(selection: Selection): number[] }
  | { readonly type: 'rate'; samples(selection: Selection): boolean[] }
  | { readonly type: 'counter'; count(selection: Selection): number }
  | { readonly type: 'gauge'; readonly unit: 'per-second' | 'ratio'; value(selection: Selection): [number, number] }
);

const ended = ({ calls }: Selection): Call[] => calls.filter(({ result }) => result !== 'open');
/** A recording may not tell when an answer ended: its record then ends when it starts (`journal/record.ts`). */
const isTimed = (last: Attempt | undefined, { header }: Run): boolean =>
  !header.recorded || last === undefined || last.endUs > last.startUs;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every metric, in the order in which reports show them. `of` says which tags it takes. */
export const METRICS: Readonly<Record<string, Definition>> = {
  call_duration: {
    about: 'from when a call should have started to its end',
    of: 'calls',
    type: 'trend',
    unit: 'us',
    samples: (selection) =>
      ended(selection)
        .filter(({ attempts }) => isTimed(attempts.at(-1), selection.run))
        .map(({ scheduledUs, endUs }) => endUs - scheduledUs),
  },
  call_failed: {
    about: 'share of ended calls that the client reported as failed',
    of: 'calls',
    type: 'rate',
    samples: (selection) => ended(selection).map(({ result }) => result === 'error'),
  },
  calls: { about: 'calls started', of: 'calls', type: 'counter', count: ({ calls }) => calls.length },
  calls_unfinished: {
    about: 'calls that had not ended when the run did',
    of: 'calls',
    type: 'counter',
    count: ({ calls }) => calls.filter(({ result }) => result === 'open').length,
  },
  goodput: {
    about: 'calls that succeeded, a second',
    of: 'calls',
    type: 'gauge',
    unit: 'per-second',
    value: ({ calls, run }) => [calls.filter(({ result }) => result === 'ok').length, run.endUs / 1e6],
  },
  attempts: { about: 'HTTP requests', of: 'attempts', type: 'counter', count: ({ attempts }) => attempts.length },
  attempt_duration: {
    about: 'from a request received to its last byte sent',
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
    about: 'share of attempts that neither succeeded nor were refused by a limit',
    of: 'attempts',
    type: 'rate',
    samples: ({ attempts }) => attempts.map((attempt) => !isAdmitted(attempt) && !isRejected(attempt)),
  },
  time_to_first_byte: {
    about: 'from a request received to the head of its reply, for admitted attempts',
    of: 'attempts',
    type: 'trend',
    unit: 'us',
    samples: ({ attempts }) =>
      attempts.flatMap((attempt) =>
        isAdmitted(attempt) && attempt.headersUs !== undefined ? [attempt.headersUs - attempt.startUs] : [],
      ),
  },
  attempts_per_call: {
    about: 'attempts that one call made',
    of: 'calls',
    type: 'trend',
    unit: 'count',
    samples: (selection) => ended(selection).map(({ attempts }) => attempts.length),
  },
  retry_amplification: {
    about: 'attempts for each call that made any',
    of: 'calls',
    type: 'gauge',
    unit: 'ratio',
    value: ({ calls }) => {
      const sending = calls.filter(({ attempts }) => attempts.length > 0);
      return [sum(sending.map(({ attempts }) => attempts.length)), sending.length];
    },
  },
  retry_after_asked: {
    about: 'the wait that refusals asked for',
    of: 'attempts',
    type: 'trend',
    unit: 'us',
    samples: ({ attempts }) => attempts.flatMap(({ retryAfterUs }) => retryAfterUs ?? []),
  },
  retry_wait: {
    about: 'the wait that clients kept after a refusal',
    of: 'run',
    type: 'trend',
    unit: 'us',
    samples: ({ run }) => retriesOf(run).map(({ gapUs }) => gapUs),
  },
  dropped_iterations: {
    about: 'arrivals that found no free VU',
    of: 'run',
    type: 'counter',
    count: ({ run }) => run.dropped.length,
  },
  start_lateness: {
    about: 'how late calls started: the runner itself, not the client',
    of: 'calls',
    type: 'trend',
    unit: 'us',
    samples: ({ calls }) => calls.map(({ scheduledUs, startUs }) => startUs - scheduledUs),
  },
  prompt_tokens: {
    about: 'tokens of prompts that were answered',
    of: 'attempts',
    type: 'counter',
    count: ({ attempts }) => sum(attempts.map(({ promptTokens }) => promptTokens ?? 0)),
  },
  completion_tokens: {
    about: 'tokens of answers',
    of: 'attempts',
    type: 'counter',
    count: ({ attempts }) => sum(attempts.map(({ completionTokens }) => completionTokens ?? 0)),
  },
};

/** Computes every metric of a run; those that it can tell where no runner made its calls. */
export function computeMetrics(run: Run): Metric[] {
  return Object.keys(METRICS)
    .filter((name) => isTold(run, name))
    .map((name) => computeMetric(run, name, {}));
}

/** What a recording must tell for these. Only a runner knows the last two. */
const NEEDED: Readonly<Record<string, MissingFact | 'runner'>> = {
  attempts_per_call: 'inner-attempts',
  retry_amplification: 'inner-attempts',
  prompt_tokens: 'tokens',
  completion_tokens: 'tokens',
  dropped_iterations: 'runner',
  start_lateness: 'runner',
};

function isTold(run: Run, name: string): boolean {
  const { recorded, program } = run.header;
  if (!recorded && !program) return true;
  const needed = NEEDED[name];
  if (needed === 'runner' || (needed !== undefined && missingIn(run).includes(needed))) return false;
  return METRICS[name]!.of !== 'calls' || attributionGap(run) === undefined;
}

/** Computes one metric over the part of a run that the tags select. `name` must be one of `METRICS`. */
export function computeMetric(run: Run, name: string, tags: Readonly<Record<string, string>>): Metric {
  const definition = METRICS[name]!;
  const selection = select(run, definition.of, tags);
  switch (definition.type) {
    case 'trend': {
      const samples = definition.samples(selection);
      for (const sample of expanded(addedSamples(name, selection.counted))) samples.push(sample);
      const sorted = ascending(samples);
      return { name, type: 'trend', unit: definition.unit, sorted };
    }
    case 'rate': {
      const samples = definition.samples(selection);
      const [hits, more] = addedShare(name, selection.counted);
      return { name, type: 'rate', hits: samples.filter(Boolean).length + hits, samples: samples.length + more };
    }
    case 'counter': {
      const count = definition.count(selection) + addedNumber(name, selection.counted);
      return { name, type: 'counter', count, perSecond: run.endUs === 0 ? 0 : count / (run.endUs / 1e6) };
    }
    case 'gauge': {
      const [single, divisor] = definition.value(selection);
      const dividend = single + addedNumber(name, selection.counted);
      const value = divisor === 0 ? null : dividend / divisor;
      const samples = selection.calls.length + addedNumber('calls', selection.counted);
      return { name, type: 'gauge', unit: definition.unit, value, samples: divisor === 0 ? 0 : samples };
    }
  }
}
