import { z } from 'zod';
import { duration, keysOf, perSecond } from '../../mock-server/setting-fields.ts';
import type { Executor } from '../load/executors.ts';
import type { AutocannonCode } from './scenario.ts';

/**
 * Above these, the journal counts requests per second by default. A request takes 800 bytes of journal, so that the maximum
 * is 80 MB, which are read and judged in a second or two (docs/raw-load.md).
 */
const MAX_RATE_EACH = 2000;
const MAX_REQUESTS_EACH = 100_000;

/** The options of autocannon, under their long names; `rate` is its overallRate. */
export const autocannonField = keysOf({
  connections: z.int().min(1).max(10_000).default(10).describe('Connections, each of which sends continuously.'),
  rate: z
    .union([perSecond, z.number()], { error: 'must be a rate such as 500/s, or a number of requests per second' })
    .optional()
    .describe('Requests per second over all connections: `5000/s`. Unlimited when omitted.'),
  duration: duration('Length of the load.').prefault('10s'),
  amount: z.int().min(1).optional().describe('Total requests, however long they take; in place of a duration.'),
  pipelining: z.int().min(1).max(1000).default(1).describe('Requests in flight on one connection.'),
  timeout: duration('Timeout of a request.').prefault('10s'),
  reconnectRate: z.int().min(1).optional().describe('Reconnects after this many requests.'),
  bailout: z.int().min(1).optional().describe('Ends the load after this many connection errors.'),
  workers: z.int().min(1).max(64).default(1).describe('Threads that send; connections are divided among them.'),
  records: z
    .enum(['each', 'seconds'])
    .optional()
    .describe(
      'Whether the journal records each request, or counts per second. Default: each, up to ' +
        `${MAX_RATE_EACH}/s and ${MAX_REQUESTS_EACH} requests.`,
    ),
})
  .superRefine(({ rate, connections, amount, workers, records }, context) => {
    const report = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (rate !== undefined && (rate < 1 || !Number.isInteger(rate))) {
      report('rate', 'must be a whole number of requests per second: autocannon supports no fractions');
    }
    if (workers > connections) report('workers', `must not exceed connections (${connections})`);
    if (amount !== undefined && amount < connections) {
      report('amount', `must be at least connections (${connections})`);
    }
    if (records === 'each' && workers > 1) report('records', 'each requires workers: 1');
  })
  .transform(({ duration: durationUs, timeout: timeoutUs, ...rest }) => ({ ...rest, durationUs, timeoutUs }))
  .optional()
  .describe('autocannon: raw load at rates that one client call per request cannot reach. It defines its own load.');

export type AutocannonInput = NonNullable<z.output<typeof autocannonField>>;

/** Returns the code to run and its name in reports. */
export function autocannonCode(raw: AutocannonInput): { readonly code: AutocannonCode; readonly written: string } {
  const { connections, rate, durationUs, amount, timeoutUs, records, ...rest } = raw;
  const { reconnectRate, bailout, pipelining, workers } = rest;
  const code: AutocannonCode = {
    kind: 'autocannon',
    connections,
    durationUs,
    pipelining,
    timeoutUs,
    workers,
    records: records ?? (recordsEachByDefault(raw) ? 'each' : 'seconds'),
    ...(rate !== undefined && { ratePerSecond: rate }),
    ...(amount !== undefined && { amount }),
    ...(reconnectRate !== undefined && { reconnectRate }),
    ...(bailout !== undefined && { bailout }),
  };
  const connectionCount = connections === 1 ? '1 connection' : `${connections} connections`;
  return { code, written: `autocannon, ${connectionCount}${pipelining > 1 ? `, ${pipelining} requests deep` : ''}` };
}

function recordsEachByDefault({ rate = Infinity, amount, durationUs, workers }: AutocannonInput): boolean {
  if (workers > 1) return false;
  if (amount !== undefined) return amount <= MAX_REQUESTS_EACH;
  return rate <= MAX_RATE_EACH && (rate * durationUs) / 1e6 <= MAX_REQUESTS_EACH;
}

/** Returns the load as executors. */
export function autocannonLoad({ connections, rate, durationUs, amount, pipelining }: AutocannonInput): Executor[] {
  const vus = connections * pipelining;
  const timing = { startUs: 0, gracefulStopUs: 0 };
  const wait = { kind: 'none' } as const;
  if (amount !== undefined) {
    return [
      { executor: 'shared-iterations', vus, iterations: amount, maxDurationUs: NO_TIME_LIMIT_US, wait, ...timing },
    ];
  }
  if (rate === undefined) return [{ executor: 'constant-vus', vus, durationUs, wait, ...timing }];
  const open = { arrivals: 'uniform', maxVus: vus } as const;
  return [{ executor: 'constant-arrival-rate', ratePerSecond: rate, durationUs, ...open, ...timing }];
}

/** An amount of requests has no time limit; a day stands for it. */
const NO_TIME_LIMIT_US = 24 * 3600 * 1_000_000;
