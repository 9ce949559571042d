import type { ClientModel } from '../../../src/retry/client-model.ts';
import type { Jitter, RetryPolicy, Statuses } from '../../../src/retry/policy.ts';
import { createModel } from '../../../src/retry/preset.ts';
import type { DrawnClient, Ending, WaitJitter } from './client-value.ts';
import type { World } from './world.ts';

const JITTERS: Readonly<Record<WaitJitter, Jitter>> = {
  none: { kind: 'none' },
  full: { kind: 'full' },
  equal: { kind: 'equal' },
  'minus-quarter': { kind: 'times', low: 0.75, high: 1 },
  'plus-minus-fifth': { kind: 'times', low: 0.8, high: 1.2 },
};

const STATUSES: Readonly<Partial<Record<Ending, readonly Statuses[]>>> = {
  refused: [429],
  overloaded: [503, 529],
  failed: [408, 409, 500, 502, 504],
  rejected: [400, 401, 403, 404, 422],
};

const MODELLED_FAULTS = ['status', 'refuse', 'reset', 'hang', 'slow'];
/** To a model, a reply that cannot be read is one that broke. */
const UNREADABLE_FAULTS = ['error-in-200', 'malformed-json', 'content-type'];

/** The model of a drawn client; undefined if models cannot express the client, or not in this world. */
export function modelOf(client: DrawnClient, world: World): ClientModel | undefined {
  const { attempts, wait, repeats, gate, timeoutMs, deadlineMs } = client;
  if (!isExpressible(client, world)) return undefined;
  const retries: Partial<RetryPolicy> = {
    max: attempts === null ? null : attempts - 1,
    baseUs: wait.baseMs * 1000,
    factor: wait.factor,
    capUs: wait.capMs * 1000,
    jitter: JITTERS[wait.jitter],
    connection: repeats.includes('broken'),
    statuses: repeats.flatMap((ending) => STATUSES[ending] ?? []),
  };
  const reads = client.reading === 'exact' ? 'milliseconds' : 'nothing';
  const longestUs = client.obeysUpToMs * 1000;
  return createModel(
    'drawn',
    { ...retries, retryAfter: { reads, longestUs } },
    {
      timeoutUs: timeoutMs === null ? null : timeoutMs * 1000,
      deadlineUs: deadlineMs === null ? null : deadlineMs * 1000,
      pace: gate.kind === 'queue' ? { burst: gate.burst, intervalUs: Math.round(gate.everyMs * 1000) } : null,
      concurrency: gate.kind === 'permits' ? gate.count : null,
    },
  );
}

function isExpressible(client: DrawnClient, { faults, retryAfter, dialect, dateSkew, maxTokens }: World): boolean {
  const { reading, spread, outer, gate, hedgeAfterMs, givesUpWith, repeats } = client;
  const isTold = retryAfter !== 'none' || faults.some(({ retryAfter: own }) => own !== undefined);
  const reads = reading === 'ignored' || !isTold || (reading === 'exact' && spread === 0 && dateSkew.length === 0);
  const repeatsAlike = repeats.includes('unreadable') === repeats.includes('broken');
  const modelled = repeatsAlike ? [...MODELLED_FAULTS, ...UNREADABLE_FAULTS] : MODELLED_FAULTS;
  const known = faults.every(({ kind = 'status' }) => modelled.includes(kind));
  const gated = gate.kind === 'none' || gate.kind === 'queue' || (gate.kind === 'permits' && gate.over === 'call');
  const plain =
    outer === null &&
    client.job === null &&
    hedgeAfterMs === null &&
    givesUpWith === 'an error' &&
    dialect !== 'gemini';
  // Models know no key, and no refusal of a request that is too large.
  const small = maxTokens < 1000 && client.idempotencyKey !== 'changing';
  return reads && known && gated && plain && small && !repeats.includes('spent') && !repeats.includes('too-large');
}
