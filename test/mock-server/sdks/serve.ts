import { afterEach } from 'vitest';
import type { Exchange } from '../../../mock-server/exchange.ts';
import { listen, type ProviderServer } from '../../../mock-server/listen.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import { provider, S } from '../openai-provider.ts';

const clock = wallClock();
const running: ProviderServer[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** One request per second: the second of two must wait. */
export const ONE_PER_SECOND: ProviderSettings['limits'] = [
  {
    name: 'requests',
    scope: ['organization'],
    unit: 'requests',
    spec: { algorithm: 'token-bucket', capacity: 1, refill: { amount: 1, periodUs: S } },
    chargeRejected: 'none',
  },
];

/** Starts a provider with zero latency on a free port and records its exchanges; closed after each test. */
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
  return { url: server.url, exchanges, statuses: () => exchanges.map(({ view }) => view.status) };
}

/** A tool with a JSON Schema for its arguments. */
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
