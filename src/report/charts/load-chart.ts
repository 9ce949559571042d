import { sustainedRate } from '../../../mock-server/admission/period.ts';
import type { Run } from '../../analysis/run-view.ts';
import { perSecond, type Second } from '../../analysis/time-series.ts';
import { type ChartSpec, COLOURS, chart, limitLine, line, type Point, short } from './chart-spec.ts';

/** How much was sent, admitted and refused in each second, against what the request limits let through. */
export function loadChart(run: Run): ChartSpec {
  const seconds = perSecond(run);
  const lastS = seconds.at(-1)!.atS;
  const series = (value: (second: Second) => number): Point[] =>
    seconds.map((second) => ({ x: second.atS + 0.5, y: value(second) }));
  const limits = requestLimits(run);
  const rate = (count: number): string => `${short(count / Math.max(1, run.endUs / 1e6))}/s`;
  const total = (value: (second: Second) => number): number => seconds.reduce((sum, second) => sum + value(second), 0);
  return chart({
    file: 'load.png',
    title:
      `${rate(total(({ admitted }) => admitted))} admitted of ${rate(total(({ attempts }) => attempts))} sent` +
      limits.map(({ perS }) => `; limit ${short(perS)}/s`).join(''),
    subtitle: 'Requests in each second. Above the first attempts, everything that was sent is retries.',
    x: { type: 'linear', title: 'time since start (s)', min: 0, max: lastS + 1 },
    y: { type: 'linear', title: 'requests per second', beginAtZero: true },
    datasets: [
      ...limits.map(({ name, perS }) => limitLine(`limit: ${name}, ${short(perS)}/s`, perS, 0, lastS + 1)),
      line(
        'sent, retries included',
        series(({ attempts }) => attempts),
        COLOURS.quiet,
      ),
      line(
        'first attempts (offered)',
        series(({ offered }) => offered),
        COLOURS.offered,
      ),
      line(
        'admitted',
        series(({ admitted }) => admitted),
        COLOURS.admitted,
      ),
      line(
        'rejected (429)',
        series(({ rejected }) => rejected),
        COLOURS.rejected,
      ),
    ],
  });
}

/** Windows longer than this, or than the run, say nothing about a second of it. */
const LONGEST_WINDOW_US = 60_000_000;

/** The slowest limit on requests that a chart per second can show; none, or one. */
function requestLimits(run: Run): { name: string; perS: number }[] {
  return run.header.scenario.provider.limits
    .flatMap(({ name, unit, spec }) => {
      const rate = unit === 'requests' ? sustainedRate(spec) : null;
      if (!rate || rate.periodUs > Math.max(LONGEST_WINDOW_US, run.endUs)) return [];
      return [{ name, perS: (rate.amount * 1e6) / rate.periodUs }];
    })
    .sort((a, b) => a.perS - b.perS)
    .slice(0, 1);
}
