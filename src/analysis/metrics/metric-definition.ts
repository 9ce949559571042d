import type { MissingFact } from '../../journal/record.ts';
import type { ValueCounts } from '../../journal/second-record.ts';
import type { Selection, Subject } from '../run/selection.ts';
import type { CountedGroups } from './counted-groups.ts';

/** Which direction is better. `cost`: more is more expensive, often only because more work was done. */
export type Better = 'more' | 'less' | 'neither' | 'cost';

/** Reads what groups counted per second add to a metric; null for a metric that needs single attempts. */
type Counted<Added> = ((counted: CountedGroups) => Added) | null;

/** Everything about one metric. Reports, thresholds and comparisons read it from here. */
export type MetricDefinition = {
  readonly about: string;
  /** Decides which tags the metric has. */
  readonly of: Subject;
  /**
   * `neither`: the requested load, what the provider or the runner does, and how long a client waits, since waiting is judged
   * by its effect on other metrics.
   */
  readonly better: Better;
  /** A fact that a recording must contain. `runner`: known only when QuotaLab made the calls. */
  readonly needs?: MissingFact | 'runner';
} & (
  | {
      readonly type: 'trend';
      readonly unit: 'us' | 'count';
      /** Percentiles that are compared between runs. */
      readonly percentiles: readonly number[];
      samples(selection: Selection): number[];
      readonly counted: Counted<readonly ValueCounts[]>;
    }
  | {
      readonly type: 'rate';
      /** Tags that say what counts as a hit, as in `call_failed{status:429}`: the share of all calls, not of those selected. */
      readonly hitTags?: readonly string[];
      samples(selection: Selection): boolean[];
      readonly counted: Counted<readonly [hits: number, samples: number]>;
    }
  | { readonly type: 'counter'; count(selection: Selection): number; readonly counted: Counted<number> }
  | {
      readonly type: 'gauge';
      readonly unit: 'per-second' | 'ratio';
      /** Returns dividend and divisor; counted groups add to the dividend. */
      value(selection: Selection): readonly [number, number];
      readonly counted: Counted<number>;
    }
);

/** Metrics by name, in the order of reports. */
export type MetricTable = Readonly<Record<string, MetricDefinition>>;
