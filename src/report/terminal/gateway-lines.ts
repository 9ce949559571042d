import type { GatewayUse } from '../../analysis/gateway-use.ts';
import { percent } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** What a gateway answered by itself and what it sent on more than once; nothing where there is none. */
export function gatewayLines(use: GatewayUse | null, paint: Paint, width: number): string[] {
  if (!use) return [];
  const { attempts, answered, statuses, unclear, repeated, extraRequests } = use;
  const shown = statuses.map(({ status, count }) => `${count} with ${statusText(status)}`).join(', ');
  const own =
    answered === 0
      ? 'it passed every attempt on'
      : `it answered ${answered} of ${attempts} attempts by itself (${percent(answered / attempts)}): ${shown}`;
  const again = `it tried ${counted(repeated, 'attempt')} again by itself: ${counted(extraRequests, 'request')} of which no client knows`;
  const lost =
    `of ${counted(unclear, 'attempt')} nobody can say who answered: the provider got requests without the ` +
    'x-quotalab-request header that was put in; let the gateway pass it on';
  return [
    ...indented(own, width, 4),
    ...(repeated > 0 ? indented(again, width, 4).map(paint.doubt) : []),
    ...(unclear > 0 ? indented(lost, width, 4).map(paint.doubt) : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function statusText(status: number): string {
  return status === 0 ? 'no answer at all' : String(status);
}
