import { z } from 'zod';
import type { Executor } from '../load/executor.ts';
import { duration, keysOf, perSecond } from './fields.ts';
import type { AutocannonCode } from './scenario.ts';

/**
 * Up to so many requests a second, and in all, each is kept by itself. A request takes 800 bytes of journal, call and attempt
 * together: so many make 80 MB, which are read and judged in a second or two (docs/raw-load.md).
 */
const MOST_RATE_EACH = 2000;
const MOST_REQUESTS_EACH = 100_000;

/** autocannon's own names, long form, but for `rate`, which it calls overallRate. */
export const autocannonField = keysOf({
  connections: z.int().min(1).max(10_000).default(10).describe('Connections, each of which sends all the time.'),
  rate: z
    .union([perSecond, z.number()], { error: 'must be a rate such as 500/s, or a number of requests a second' })
    .optional()
    .describe('Requests a second, all connections together: `5000/s`. Without it: as many as can be.'),
  duration: duration('How long.').default(10_000_000),
  amount: z.int().min(1).optional().describe('So many requests in all, however long it takes; in place of a duration.'),
  pipelining: z.int().min(1).max(1000).default(1).describe('Requests under way on one connection.'),
  timeout: duration('How long an answer may take.').default(10_000_000),
  reconnectRate: z.int().min(1).optional().describe('A connection is made anew after so many requests.'),
  bailout: z.int().min(1).optional().describe('Ends after so many errors of connections.'),
  workers: z.int().min(1).max(64).default(1).describe('Threads that send; connections are dealt out among them.'),
  records: z
    .enum(['each', 'seconds'])
    .optional()
    .describe(
      'Whether the journal has each request or counts them by the second. Default: each up to ' +
        `${MOST_RATE_EACH}/s and ${MOST_REQUESTS_EACH} requests.`,
    ),
})
  .superRefine(({ rate, connections, amount, workers, records }, context) => {
    const tell = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (rate !== undefined && (rate < 1 || !Number.isInteger(rate))) {
      tell('rate', 'must be a whole number of requests a second: autocannon knows no other');
    }
    if (workers > connections) tell('workers', `are more than the ${connections} connections that they share`);
    if (amount !== undefined && amount < connections) {
      tell('amount', `is less than the ${connections} connections that share it`);
    }
    if (records === 'each' && workers > 1) tell('records', 'can be each with one worker only');
  })
  .optional()
  .describe('autocannon: raw load at speeds that a client for each call cannot reach. It brings its own load.');

export type AutocannonInput = NonNullable<z.output<typeof autocannonField>>;

export function autocannonCode(raw: AutocannonInput): { readonly code: AutocannonCode; readonly written: string } {
  const { connections, rate, duration: durationUs, amount, timeout: timeoutUs, records, ...rest } = raw;
  const { reconnectRate, bailout, pipelining, workers } = rest;
  const code: AutocannonCode = {
    kind: 'autocannon',
    connections,
    durationUs,
    pipelining,
    timeoutUs,
    workers,
    records: records ?? (isFew(raw) ? 'each' : 'seconds'),
    ...(rate !== undefined && { ratePerSecond: rate }),
    ...(amount !== undefined && { amount }),
    ...(reconnectRate !== undefined && { reconnectRate }),
    ...(bailout !== undefined && { bailout }),
  };
  const several = connections === 1 ? '1 connection' : `${connections} connections`;
  return { code, written: `autocannon, ${several}${pipelining > 1 ? `, ${pipelining} requests deep` : ''}` };
}

function isFew({ rate = Infinity, amount, duration: durationUs, workers }: AutocannonInput): boolean {
  if (workers > 1) return false;
  if (amount !== undefined) return amount <= MOST_REQUESTS_EACH;
  return rate <= MOST_RATE_EACH && (rate * durationUs) / 1e6 <= MOST_REQUESTS_EACH;
}

/** The load that it is, in the words of every other. */
export function autocannonLoad({
  connections,
  rate,
  duration: durationUs,
  amount,
  pipelining,
}: AutocannonInput): Executor[] {
  const vus = connections * pipelining;
  const timing = { startUs: 0, gracefulStopUs: 0 };
  const wait = { kind: 'none' } as const;
  if (amount !== undefined) {
    return [{ executor: 'shared-iterations', vus, iterations: amount, maxDurationUs: ENDLESS_US, wait, ...timing }];
  }
  if (rate === undefined) return [{ executor: 'constant-vus', vus, durationUs, wait, ...timing }];
  const open = { arrivals: 'uniform', maxVus: vus } as const;
  return [{ executor: 'constant-arrival-rate', ratePerSecond: rate, durationUs, ...open, ...timing }];
}

/** An amount is sent however long it takes. */
const ENDLESS_US = 24 * 3600 * 1_000_000;
