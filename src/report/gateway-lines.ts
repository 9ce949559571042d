import type { GatewayUse } from '../analysis/gateway-use.ts';
import { percent } from './format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** What a gateway answered by itself and what it sent on more than once; nothing where there is none. */
export function gatewayLines(use: GatewayUse | null, attempts: number, paint: Paint, width: number): string[] {
  if (!use) return [];
  const { answered, statuses, unclear, repeated, extraRequests } = use;
  const shown = statuses.map(({ status, count }) => `${count} with ${statusText(status)}`).join(', ');
  const own =
    answered === 0
      ? 'it passed every attempt on'
      : `it answered ${answered} of ${attempts} attempts by itself (${percent(answered / attempts)}): ${shown}`;
  const again = `it tried ${repeated} attempts again by itself: ${extraRequests} requests of which no client knows`;
  const lost =
    `of ${unclear} attempts nobody can say who answered: the provider got requests without the ` +
    'x-quotalab-request header that was put in; let the gateway pass it on';
  return [
    ...indented(own, width, 4),
    ...(repeated > 0 ? indented(again, width, 4).map(paint.doubt) : []),
    ...(unclear > 0 ? indented(lost, width, 4).map(paint.doubt) : []),
  ];
}

function statusText(status: number): string {
  return status === 0 ? 'no answer at all' : String(status);
}
