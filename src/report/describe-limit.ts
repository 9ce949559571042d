import type { Limit } from '../../mock-server/admission/limit.ts';
import { amountOf, sustainedRate } from '../../mock-server/admission/period.ts';
import { formatDuration } from '../../mock-server/duration.ts';

/** A limit in one line, e.g. `requests: token-bucket, 5 per 1s, at most 5 at once, per organization`. */
export function describeLimit({ name, unit, spec, scope, chargeRejected }: Limit): string {
  const rate = sustainedRate(spec);
  const perPeriod = rate ? `${rate.amount} ${unit} per ${formatDuration(rate.periodUs)}` : `${amountOf(spec)} at once`;
  const burst = rate && amountOf(spec) !== rate.amount ? `, at most ${amountOf(spec)} at once` : '';
  const charged = chargeRejected === 'none' ? '' : ', refusals are charged';
  const whose = scope.includes('all') ? 'for all' : `per ${scope.join(' and ')}`;
  return `${name}: ${perPeriod}${burst}, ${whose}, ${spec.algorithm}${charged}`;
}
