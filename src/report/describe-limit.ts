import type { Limit } from '../../mock-server/admission/limit.ts';
import { algorithmOf } from '../../mock-server/limiter/algorithms.ts';

/** Describes a limit in one line, e.g. `requests: 5 requests a second, per organization, token-bucket`. */
export function describeLimit({ name, unit, spec, scope, chargeRejected }: Limit): string {
  const charged = chargeRejected === 'none' ? '' : ', refusals are charged';
  const whose = scope.includes('all') ? 'for all' : `per ${scope.join(' and ')}`;
  const atFirst = 'initial' in spec && spec.initial !== undefined ? `, ${spec.initial} left at the start` : '';
  return `${name}: ${algorithmOf(spec).describe(spec, unit)}, ${whose}, ${spec.algorithm}${atFirst}${charged}`;
}
