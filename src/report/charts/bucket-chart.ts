import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { type BucketLevels, computeBucketLevels } from '../../analysis/series/bucket-levels.ts';
import { computeQuotaShares } from '../../analysis/series/quota-shares.ts';
import { largest, smallest } from '../../analysis/statistics/extremes.ts';
import {
  type ChartContent,
  type ChartMaker,
  elapsedAxis,
  type LeftOut,
  labelStyle,
  limitLine,
  line,
  namedLine,
} from './chart-spec.ts';
import { phaseMarks } from './phase-marks.ts';
import { percentText, short } from './words.ts';

const MOST_PANELS = 3;
/** A bucket that always keeps this share was never scarce. */
const PLENTY_SHARE = 0.9;

/** What is left in the scarcest buckets over time: a panel for each, lines or a band from the lowest to the highest level. */
export const bucketChart: ChartMaker = { file: 'bucket.png', needs: ['limits'], draw };

function draw(run: Run, analysis: Analysis): ChartContent | LeftOut {
  if (run.seconds.length > 0) return drawSeconds(run);
  const reached = computeBucketLevels(run);
  // A limit that admits nothing has no level.
  const scarcest = reached.filter(({ amount }) => amount > 0).slice(0, MOST_PANELS);
  const [tightest] = scarcest;
  if (!tightest) return { leftOut: reached.length === 0 ? 'No request reached a limit.' : 'The limits were shut.' };
  if (tightest.leastShare > PLENTY_SHARE)
    return { leftOut: `No limit was ever used by more than ${percentText(1 - tightest.leastShare)}.` };
  const shown = scarcest.filter(({ leastShare }, index) => index === 0 || leastShare <= PLENTY_SHARE).reverse();
  const many = shown.length > 1;
  const scales = shown.map((_, index) => (index === 0 ? 'y' : `y${index}`));
  const axes = Object.fromEntries(shown.map((levels, index) => [scales[index]!, axisOf(levels, index, many)]));
  const { y, ...others } = axes as { y: object };
  const banded = shown.some(({ line: level }) => level.points() === undefined);
  return {
    title: titleOf(tightest, run, analysis),
    subtitle: banded
      ? 'What was left: the band reaches from the lowest to the highest level.'
      : 'What was left: down with each request, up as it refills.',
    x: elapsedAxis(run.endUs),
    y,
    axes: others,
    annotations: [
      ...phaseMarks(run, scales.toReversed()),
      ...(many ? shown.map((levels, index) => panelLabel(levels, scales[index]!, run, analysis)) : []),
    ],
    datasets: shown.flatMap((levels, index) => levelsOf(levels, scales[index]!, run)),
    height: many ? 220 + 160 * shown.length : 520,
  };
}

function axisOf({ unit, amount }: BucketLevels, index: number, many: boolean): object {
  return {
    type: 'linear',
    format: 'count',
    title: many ? unit : `${unit} left`,
    min: 0,
    max: amount * (many ? 1.35 : 1.1),
    ticks: { maxTicksLimit: many ? 4 : 8 },
    ...(many && { stack: 'buckets', stackWeight: 1, weight: index }),
  };
}

function levelsOf({ line: level, amount, grows }: BucketLevels, yAxisID: string, { endUs }: Run): object[] {
  const full = { ...limitLine(`${grows ? 'most' : 'full'}: ${short(amount)}`, amount, 0, endUs / 1e6), yAxisID };
  const points = level.points();
  if (points) {
    const data = points.map(({ atUs, level: y }) => ({ x: atUs / 1e6, y }));
    return [
      full,
      line('left', data, '@offered', {
        yAxisID,
        borderWidth: 2,
        fill: 'origin',
        backgroundColor: '@offered 15%',
        endLabel: 'left',
      }),
    ];
  }
  const edge = (of: 'low' | 'high') =>
    level.band().flatMap((band) => [
      { x: band.fromUs / 1e6, y: band[of] },
      { x: band.toUs / 1e6, y: band[of] },
    ]);
  const thin = { yAxisID, borderWidth: 1 };
  return [
    full,
    namedLine('highest', edge('high'), '@offered', { ...thin, backgroundColor: '@offered 35%', fill: '+1' }),
    namedLine('lowest', edge('low'), '@offered', thin),
  ];
}

function titleOf(levels: BucketLevels, run: Run, analysis: Analysis): string {
  const name =
    analysis.limits.length === 1 && analysis.limits[0]!.buckets < 2 ? '' : ` ${bucketName(levels, run, analysis)}`;
  if (levels.usedUpShare < 0.0005) {
    return `The quota${name} was never used up: at least ${percentText(levels.leastShare)} was left`;
  }
  return `The quota${name} was used up ${percentText(levels.usedUpShare)} of the time`;
}

function panelLabel(levels: BucketLevels, yScaleID: string, run: Run, analysis: Analysis): object {
  return {
    type: 'label',
    ...labelStyle(`${bucketName(levels, run, analysis)}: used up ${percentText(levels.usedUpShare)} of the time`),
    xValue: 0,
    yValue: levels.amount * 1.35,
    yScaleID,
    position: { x: 'start', y: 'start' },
  };
}

/** The limit's name, and whose bucket it is if there are several: keys by their names in the scenario. */
export function bucketName(
  { limit, bucket }: Pick<BucketLevels, 'limit' | 'bucket'>,
  run: Run,
  { limits }: Analysis,
): string {
  if ((limits.find((use) => use.limit === limit)?.buckets ?? 1) < 2) return limit;
  const { keys, keyNames = [] } = run.header.scenario.provider;
  const values =
    /\[(.*)\]$/
      .exec(bucket)?.[1]
      ?.split(',')
      .map((part) => part.slice(part.indexOf('=') + 1)) ?? [];
  const names = values.map((value) => keyNames[keys.indexOf(value)] ?? value);
  return names.length === 0 ? limit : `${limit} of ${names.join(', ')}`;
}

/** A share that changes less than this many points is told in a sentence. */
const STEADY_POINTS = 5;

/** Raw load: the level after each second says little, so what was admitted is set against what could have been. */
function drawSeconds(run: Run): ChartContent | LeftOut {
  const shares = computeQuotaShares(run);
  const last = shares?.points.at(-1);
  if (!shares || !last) return { leftOut: 'No rate limit was reached.' };
  const title = `The limit ${shares.limit} let in ${percentText(last.share)} of what it could`;
  const percents = shares.points.map(({ share }) => 100 * share);
  const [low, high] = [smallest(percents), largest(percents)];
  if (high - low < STEADY_POINTS)
    return { leftOut: `${title}, at any time between ${short(low)} % and ${short(high)} %.` };
  return {
    title,
    subtitle: 'Since the start of the run. 100 % is the full bucket plus the refill up to that second.',
    x: elapsedAxis(run.endUs),
    y: {
      type: 'linear',
      format: 'percent',
      title: 'let in since the start',
      min: Math.max(0, low - STEADY_POINTS),
      max: Math.max(100, high),
    },
    datasets: [
      limitLine('all it could', 100, 0, run.endUs / 1e6),
      namedLine(
        'let in',
        shares.points.map(({ atUs, share }) => ({ x: atUs / 1e6, y: 100 * share })),
        '@admitted',
      ),
    ],
  };
}
