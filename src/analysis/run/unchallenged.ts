import type { Limit } from '../../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../../mock-server/duration.ts';
import { limitsOf } from '../../scenario/fleet.ts';
import { round } from '../format.ts';
import { largest, smallest } from '../statistics/extremes.ts';
import { endingKind } from './attempts.ts';
import type { Attempt, Run } from './run-view.ts';

/**
 * Returns, as sentences, that a run tested no limit and no fault because every request was answered, with the peak of the load
 * beside each limit. Undefined for a run in which something was refused or failed, or that sent nothing. Raw load is counted per
 * second and has no client, so it is left out.
 */
export function describeUnchallenged(run: Run): string | undefined {
  const { attempts, calls, header, seconds } = run;
  const isCalm = attempts.every((attempt) => ['answered', 'open'].includes(endingKind(attempt)));
  if (attempts.length === 0 || seconds.length > 0 || !isCalm) return undefined;
  if (calls.some(({ result }) => result === 'error')) return undefined;
  const limits = limitsOf(header.scenario);
  const said = 'Nothing was refused and nothing failed';
  if (header.recorded) return `${said} in this recording, so it shows nothing of how the client retries.`;
  if (limits.length === 0) {
    return `${said}: the provider has no limit. Set one below the load, add a fault, or run quotalab check.`;
  }
  const peaks = limits.map((limit) => describePeak(limit, attempts)).join('; ');
  return `${said}: ${peaks}. Lower the limit, raise the load, or run quotalab check.`;
}

/** Describes how near the load came to a limit: its peak within the limit's own period, or the least that was left. */
function describePeak(limit: Limit, attempts: readonly Attempt[]): string {
  const views = attempts.flatMap(({ startUs, limits }) =>
    limits.filter((view) => view.limit === limit.name).map((view) => ({ startUs, ...view })),
  );
  if (views.length === 0) return `no request counted against limit ${limit.name}`;
  const rate = sustainedRate(limit.spec);
  const least = smallest(views.map(({ after }) => after));
  if (!rate) return `limit ${limit.name} always had ${least} ${limit.unit} left`;
  const byBucket = Map.groupBy(views, ({ bucket }) => bucket);
  const peak = largest([...byBucket.values()].map((own) => peakWithin(own, rate.periodUs)));
  const period = formatDuration(rate.periodUs);
  return (
    `the load peaked at ${round(peak)} ${limit.unit} in ${period}, and limit ${limit.name} admits ${round(rate.amount)} in ` +
    `${period} (at least ${round(least)} ${least === 1 ? 'was' : 'were'} always left)`
  );
}

/** Returns the largest cost within any window of this length; `views` must be in order of start. */
function peakWithin(views: readonly { readonly startUs: number; readonly cost: number }[], windowUs: number): number {
  let [peak, sum, from] = [0, 0, 0];
  for (const { startUs, cost } of views) {
    sum += cost;
    while (views[from]!.startUs <= startUs - windowUs) sum -= views[from++]!.cost;
    peak = Math.max(peak, sum);
  }
  return peak;
}
