import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { DialectName } from '../../mock-server/settings.ts';
import type { ModelInput } from './client-schema.ts';
import { duration, keysOf } from './fields.ts';

/** What the built-in client is told; times in undici's own milliseconds. */
export interface UndiciSettings {
  readonly dialect: DialectName;
  readonly retries: 'none' | 'interceptor' | 'agent';
  readonly maxRetries: number;
  readonly minTimeout: number;
  readonly maxTimeout: number;
  readonly timeoutFactor: number;
  readonly retryAfter: boolean;
  readonly methods: UndiciInput['methods'];
  readonly statusCodes: number[];
}

/** undici's own defaults (nodejs/undici lib/handler/retry-handler.js, 8.13.1), but for `methods`. */
export const undiciField = keysOf({
  retries: z
    .enum(['none', 'interceptor', 'agent'])
    .default('none')
    .describe('Who repeats a request: nobody, `interceptors.retry` or `RetryAgent`.'),
  maxRetries: z.int().min(0).default(5).describe('Retries after the first attempt.'),
  minTimeout: duration('The wait before the first retry.').default(500_000),
  maxTimeout: duration('The longest wait, a Retry-After among them.').default(30_000_000),
  timeoutFactor: z.number().min(1).default(2).describe('How much longer each wait is than the one before.'),
  retryAfter: z.boolean().default(true).describe('Whether a Retry-After is obeyed.'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'PATCH', 'POST', 'QUERY']))
    .default(['POST'])
    .describe('What is repeated. undici itself leaves POST out, and every question is one.'),
  statusCodes: z
    .array(z.int().min(400).max(599))
    .default([500, 502, 503, 504, 429])
    .describe('Answers after which a request is repeated.'),
})
  .optional()
  .describe("QuotaLab's own HTTP client, with one of the ways in which undici repeats requests.");

export type UndiciInput = NonNullable<z.output<typeof undiciField>>;

const TITLES: Readonly<Record<UndiciInput['retries'], string>> = {
  none: 'undici without retries',
  interceptor: 'undici with interceptors.retry',
  agent: 'undici with RetryAgent',
};

/** The module that makes the calls, which comes with the package, and what reports call it. */
export function undiciCode({ retries }: UndiciInput): {
  readonly code: { readonly kind: 'module'; readonly module: string };
  readonly written: string;
} {
  // `.ts` in a checkout, `.js` in the package.
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const module = fileURLToPath(new URL(`../client/builtin/undici${ending}`, import.meta.url));
  return { code: { kind: 'module', module }, written: TITLES[retries] };
}

/** The variable in which the module finds its settings. */
export function undiciEnvironment(raw: UndiciInput, dialect: DialectName): Record<string, string> {
  const { minTimeout, maxTimeout, ...rest } = raw;
  const settings: UndiciSettings = {
    ...rest,
    dialect,
    minTimeout: minTimeout / 1000,
    maxTimeout: maxTimeout / 1000,
  };
  return { QUOTALAB_UNDICI: JSON.stringify(settings) };
}

/** What stands for it where no code is run, in the keys of a client's model. */
export function undiciModel(raw: UndiciInput): ModelInput {
  const { retries, maxRetries, minTimeout, maxTimeout, timeoutFactor, retryAfter, methods, statusCodes } = raw;
  if (retries === 'none' || !methods.includes('POST')) return { model: 'none' };
  return {
    model: 'undici-retry-agent',
    retries: {
      max: maxRetries,
      statuses: statusCodes,
      base: minTimeout,
      factor: timeoutFactor,
      cap: maxTimeout,
      retryAfter: retryAfter ? { longestUs: maxTimeout } : { reads: 'nothing' },
    },
  };
}
