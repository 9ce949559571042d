import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';
import type { ModelInput } from './client-schema.ts';

/** Settings passed to the built-in client. Times are in milliseconds, as undici takes them. */
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

/** The defaults of undici (nodejs/undici lib/handler/retry-handler.js, 8.13.1), except `methods`. */
export const undiciField = keysOf({
  retries: z
    .enum(['none', 'interceptor', 'agent'])
    .default('none')
    .describe('What retries a request: nothing, `interceptors.retry` or `RetryAgent`.'),
  maxRetries: z.int().min(0).default(5).describe('Retries after the first attempt.'),
  minTimeout: duration('The wait before the first retry.').prefault('500ms'),
  maxTimeout: duration('The longest wait, also for a Retry-After.').prefault('30s'),
  timeoutFactor: z.number().min(1).default(2).describe('Multiplier from one wait to the next.'),
  retryAfter: z.boolean().default(true).describe('Whether a Retry-After is obeyed.'),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'PATCH', 'POST', 'QUERY']))
    .default(['POST'])
    .describe('Methods that are retried. The default of undici omits POST, the method of every API call.'),
  statusCodes: z
    .array(z.int().min(400).max(599))
    .default([500, 502, 503, 504, 429])
    .describe('Statuses that are retried.'),
})
  .transform(({ minTimeout: minTimeoutUs, maxTimeout: maxTimeoutUs, ...rest }) => ({
    ...rest,
    minTimeoutUs,
    maxTimeoutUs,
  }))
  .optional()
  .describe('A built-in HTTP client that uses undici, with one of its ways to retry.');

export type UndiciInput = NonNullable<z.output<typeof undiciField>>;

const TITLES: Readonly<Record<UndiciInput['retries'], string>> = {
  none: 'undici without retries',
  interceptor: 'undici with interceptors.retry',
  agent: 'undici with RetryAgent',
};

/** Returns the module of the built-in client and its name in reports. */
export function undiciCode({ retries }: UndiciInput): {
  readonly code: { readonly kind: 'module'; readonly module: string };
  readonly written: string;
} {
  // `.ts` in a checkout, `.js` in the package.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const module = fileURLToPath(new URL(`../client/builtin/undici${extension}`, import.meta.url));
  return { code: { kind: 'module', module }, written: TITLES[retries] };
}

/** The environment variable from which the module reads its settings. */
export function undiciEnvironment(raw: UndiciInput, dialect: DialectName): Record<string, string> {
  const { minTimeoutUs, maxTimeoutUs, ...rest } = raw;
  const settings: UndiciSettings = {
    ...rest,
    dialect,
    minTimeout: minTimeoutUs / 1000,
    maxTimeout: maxTimeoutUs / 1000,
  };
  return { QUOTALAB_UNDICI: JSON.stringify(settings) };
}

/** Returns the client's model, as keys of `client:`. */
export function undiciModel(raw: UndiciInput): ModelInput {
  const { retries, maxRetries, minTimeoutUs, maxTimeoutUs, timeoutFactor, retryAfter, methods, statusCodes } = raw;
  if (retries === 'none' || !methods.includes('POST')) return { model: 'none' };
  return {
    model: 'undici-retry-agent',
    retries: {
      max: maxRetries,
      statuses: statusCodes,
      base: minTimeoutUs,
      factor: timeoutFactor,
      cap: maxTimeoutUs,
      retryAfter: retryAfter ? { longestUs: maxTimeoutUs } : { reads: 'nothing' },
    },
  };
}
