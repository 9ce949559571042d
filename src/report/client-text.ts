import type { Run } from '../analysis/run/run-view.ts';

/** Returns the clients of a run with the number of their replicas: `chat: ./chat.ts × 8, batch: ./batch.ts`. */
export function clientText({ scenario, time }: Run['header']): string {
  if (time === 'model') return `a model of ${scenario.client.model.name}`;
  const clients = [{ name: scenario.clientName ?? '', settings: scenario.client }, ...(scenario.otherClients ?? [])];
  return clients
    .map(({ name, settings: { written, fleet } }) => {
      const counts = fleet?.steps.map(({ count }) => count) ?? [1];
      const most = counts.reduce((a, b) => Math.max(a, b));
      const replicas = most === 1 ? '' : counts.length === 1 ? ` × ${most}` : ` × up to ${most}`;
      return `${name === '' ? '' : `${name}: `}${written}${replicas}`;
    })
    .join(', ');
}
