import type { GatewayUse } from '../../analysis/gateway-use.ts';
import { counted, percent } from '../format.ts';
import type { Paint } from './paint.ts';
import { indented } from './wrap.ts';

/** Returns what a gateway answered itself and what it retried; an empty list without a gateway. */
export function gatewayLines(use: GatewayUse | null, paint: Paint, width: number): string[] {
  if (!use) return [];
  const { attempts, answered, statuses, unclear, repeated, extraRequests } = use;
  const shown = statuses.map(({ status, count }) => `${count} with ${statusText(status)}`).join(', ');
  const ownText =
    answered === 0
      ? 'forwarded every attempt'
      : `answered ${answered} of ${attempts} attempts itself (${percent(answered / attempts)}): ${shown}`;
  const retryText = `retried ${counted(repeated, 'attempt')} itself: ${counted(extraRequests, 'request')} that no client sent`;
  const unclearText =
    `${counted(unclear, 'attempt')} with an unknown sender of the reply: the provider got requests without the ` +
    'x-quotalab-request header; configure the gateway to forward it';
  return [
    ...indented(ownText, width, 4),
    ...(repeated > 0 ? indented(retryText, width, 4).map(paint.doubt) : []),
    ...(unclear > 0 ? indented(unclearText, width, 4).map(paint.doubt) : []),
  ];
}

function statusText(status: number): string {
  return status === 0 ? 'no reply' : String(status);
}
