import type { Limit } from '../../mock-server/admission/limit.ts';
import { limitAmount, sustainedRate } from '../../mock-server/admission/limit-rate.ts';
import { formatDuration } from '../../mock-server/duration.ts';

/** Describes a limit in one line, e.g. `requests: 5 requests a second, per organization, token-bucket`. */
export function describeLimit({ name, unit, spec, scope, chargeRejected }: Limit): string {
  const rate = sustainedRate(spec);
  const perPeriod = rate
    ? `${rate.amount} ${rate.amount === 1 ? singular(unit) : unit} ${formatPeriod(rate.periodUs)}`
    : `${limitAmount(spec)} at once`;
  const queue = spec.algorithm === 'leaky-queue' ? `, up to ${spec.maxQueue} queued` : undefined;
  const burst = rate && limitAmount(spec) !== rate.amount ? `, at most ${limitAmount(spec)} at once` : '';
  const charged = chargeRejected === 'none' ? '' : ', refusals are charged';
  const whose = scope.includes('all') ? 'for all' : `per ${scope.join(' and ')}`;
  return `${name}: ${perPeriod}${queue ?? burst}, ${whose}, ${spec.algorithm}${charged}`;
}

function singular(unit: Limit['unit']): string {
  return unit.replace(/s$/, '');
}

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1e6, 'a second'],
  [60e6, 'a minute'],
  [3600e6, 'an hour'],
  [86_400e6, 'a day'],
]);

function formatPeriod(periodUs: number): string {
  return PERIODS.get(periodUs) ?? `every ${formatDuration(periodUs)}`;
}
