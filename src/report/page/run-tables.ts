import type { Analysis } from '../../analysis/analysis.ts';
import type { CallerFigures } from '../../analysis/by-client.ts';
import type { Metric } from '../../analysis/metrics/metrics.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import { mean, percentile } from '../../analysis/statistics/percentile.ts';
import { describeLimit } from '../describe-limit.ts';
import { formatMetric, percent, round } from '../format.ts';
import type { PageTable } from './page-data.ts';

const NONE = '–';

/** Returns the tables of a run: limits, loads, keys, figures. Empty ones are left out. */
export function runTables(run: Run, analysis: Analysis): PageTable[] {
  return [
    limitTable(run, analysis),
    loadTable(analysis),
    ...fleetTables(analysis),
    providerTable(analysis),
    keyTable(analysis),
    ...metricTables(analysis),
  ].filter(({ rows }) => rows.length > 0);
}

function limitTable({ header }: Run, { limits, overload }: Analysis): PageTable {
  const described = new Map(allLimits(header).map((limit) => [limit.name, describeLimit(limit)]));
  return {
    title: 'Limits',
    ...(overload && { about: overload.text }),
    columns: ['limit', 'refused', 'admitted', 'of what it could admit', 'buckets'],
    rows: limits.map(({ limit, unit, denied, admitted, admissible, buckets }) => [
      described.get(limit) ?? limit,
      String(denied),
      `${round(admitted)} ${unit}`,
      admissible ? percent(admitted / admissible) : NONE,
      String(buckets),
    ]),
  };
}

function loadTable({ loads }: Analysis): PageTable {
  const time = (us: number | null): string => (us === null ? NONE : formatMetric(us));
  return {
    title: 'Loads side by side',
    columns: [
      'load',
      'calls',
      'succeeded',
      'failed',
      'not ended',
      'attempts a call',
      'refused',
      'told to wait',
      'waited',
      'p(95)',
    ],
    rows: loads.map((load) => [
      load.load,
      ...[load.calls, load.succeeded, load.failed, load.unfinished].map(String),
      load.calls === 0 ? NONE : round(load.attempts / load.calls),
      String(load.refused),
      ...[load.requestedWaitUs, load.waitedUs, load.p95Us].map(time),
    ]),
  };
}

const HEAD = [
  'calls',
  'succeeded',
  'failed',
  'cut',
  'not ended',
  'attempts',
  'refused',
  'share',
  'waited p(95)',
  'p(95)',
];

/** Clients side by side, and all replicas. */
function fleetTables({ fleet }: Analysis): PageTable[] {
  if (!fleet) return [];
  const { clients, imbalance, limit } = fleet;
  const columns = HEAD.map((title) => (title === 'share' && limit !== null ? `of ${limit}` : title));
  const rowOf = (one: CallerFigures): string[] => [
    one.name,
    ...[one.calls, one.succeeded, one.failed, one.cut, one.unfinished, one.attempts, one.refused].map(String),
    one.share === null ? NONE : percent(one.share),
    ...[one.waitP95Us, one.p95Us].map((us) => (us === null ? NONE : formatMetric(us))),
  ];
  return [
    {
      title: 'Clients side by side',
      ...(imbalance !== null && { about: imbalance }),
      columns: ['client', ...columns],
      rows: clients.length > 1 ? clients.map(rowOf) : [],
    },
    {
      title: 'Replicas',
      columns: ['replica', ...columns],
      rows: clients.flatMap(({ replicas }) => replicas).map(rowOf),
    },
  ];
}

function providerTable({ providers }: Analysis): PageTable {
  return {
    title: 'Providers',
    columns: ['provider', 'calls', 'attempts', 'answered', 'refused', 'failed', 'not ended'],
    rows: providers.map(({ provider, calls, attempts, answered, refused, failed, unfinished }) => [
      provider,
      ...[calls, attempts, answered, refused, failed, unfinished].map(String),
    ]),
  };
}

function keyTable({ keys }: Analysis): PageTable {
  return {
    title: 'Keys',
    columns: ['key', 'attempts', 'admitted', 'refused', 'tokens', 'share', 'p(95)'],
    rows: keys.map(({ name, key, attempts, admitted, refused, tokens, share, p95Us }) => [
      name ?? key.slice(0, 8),
      ...[attempts, admitted, refused, tokens].map(String),
      share === null ? NONE : percent(share),
      p95Us === null ? NONE : formatMetric(p95Us),
    ]),
  };
}

function metricTables({ metrics }: Analysis): PageTable[] {
  const trends = metrics.filter((metric) => metric.type === 'trend');
  const others = metrics.filter((metric) => metric.type !== 'trend');
  return [
    {
      title: 'Durations and sizes',
      columns: ['metric', 'samples', 'average', 'least', 'median', 'p(90)', 'p(95)', 'p(99)', 'most'],
      rows: trends.filter(({ sorted }) => sorted.length > 0).map(trendRow),
    },
    { title: 'Shares and counts', columns: ['metric', 'value', 'of'], rows: others.filter(hasValue).map(valueRow) },
  ];
}

type Trend = Extract<Metric, { type: 'trend' }>;
type Single = Exclude<Metric, Trend>;

function trendRow({ name, sorted, unit }: Trend): string[] {
  const show = unit === 'us' ? formatMetric : round;
  const at = (share: number): string => show(percentile(sorted, share));
  return [
    name,
    String(sorted.length),
    show(mean(sorted)),
    show(sorted[0]!),
    at(50),
    at(90),
    at(95),
    at(99),
    show(sorted.at(-1)!),
  ];
}

/** Counters at zero tell nothing. */
function hasValue(metric: Single): boolean {
  if (metric.type === 'rate') return metric.samples > 0;
  return metric.type === 'counter' ? metric.count > 0 : metric.value !== null;
}

function valueRow(metric: Single): string[] {
  switch (metric.type) {
    case 'rate':
      return [metric.name, percent(metric.hits / metric.samples), `${metric.hits} of ${metric.samples}`];
    case 'counter':
      return [metric.name, String(metric.count), `${round(metric.perSecond)}/s`];
    case 'gauge':
      return [metric.name, `${round(metric.value ?? 0)}${metric.unit === 'per-second' ? '/s' : ''}`, ''];
  }
}
