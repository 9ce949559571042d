import { afterEach } from 'vitest';
import type { Exchange } from '../../../mock-server/exchange.ts';
import { type Listening, listen } from '../../../mock-server/listen.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import { provider, S } from '../openai-provider.ts';

const clock = wallClock();
const running: Listening[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** One request a second: the second of two must wait. */
export const ONE_A_SECOND: ProviderSettings['limits'] = [
  {
    name: 'requests',
    scope: ['organization'],
    unit: 'requests',
    spec: { algorithm: 'token-bucket', capacity: 1, refill: { amount: 1, periodUs: S } },
    chargeRejected: 'none',
  },
];

/** A provider on a socket of its own, with answers that take no time, and what it has seen. */
export async function serve(
  settings: Partial<ProviderSettings> = {},
): Promise<{ url: string; exchanges: Exchange[]; statuses: () => number[] }> {
  const exchanges: Exchange[] = [];
  const instant = { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } };
  const server = await listen(provider({ latency: instant, keys: 'any', ...settings }), {
    nowUs: clock.nowUs,
    onExchange: (exchange) => exchanges.push(exchange),
  });
  running.push(server);
  return { url: server.url, exchanges, statuses: () => exchanges.map(({ sight }) => sight.status) };
}

/** A tool as JSON schema, and what its arguments must then look like. */
export const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
    required: ['city', 'days'],
    additionalProperties: false,
  },
} as const;
