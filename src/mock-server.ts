/** The entry `quotalab/mock-server`: a mock provider on a port, described as in a scenario. */
import { DIALECTS, type DialectName } from '../mock-server/dialects/dialects.ts';
import { type ListenOptions, listen } from '../mock-server/listen.ts';
import type { BucketState } from '../mock-server/provider.ts';
import { providerEnvironment } from './client/client.ts';
import { wallClock } from './clock/wall-clock.ts';
import { parseFaults, parseLimits } from './scenario/parse-parts.ts';
import { providerFrom } from './scenario/provider-from.ts';
import type { ScenarioInput } from './scenario/schema.ts';

export type { Scope, Unit } from '../mock-server/admission/limit.ts';
export type { DialectName } from '../mock-server/dialects/dialects.ts';
export { type Problem, QuotaLabError } from '../mock-server/error.ts';
export type { ErrorCode, ErrorOrigin } from '../mock-server/error-codes.ts';
export { PROFILES, type Profile } from '../mock-server/profiles/profiles.ts';
export type { BucketState } from '../mock-server/provider.ts';

/** The `provider:` block of a scenario, all of it optional. */
export type ProviderInput = NonNullable<ScenarioInput['provider']>;

/** Options of `createMockServer`: any setting of a scenario's `provider:` block, and where to listen. */
export interface MockServerOptions extends ProviderInput {
  /**
   * Port to listen on.
   * @default 0, any free port
   */
  readonly port?: number;
  /**
   * Address to listen on.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  /**
   * Seed of latencies, answers and faults.
   * @default 1
   */
  readonly seed?: number;
  /** Required by the admin routes (`/__quotalab/…`). Without it, they are open to this machine only. */
  readonly token?: string;
}

/** What has been decided since the start or the last `reset`. */
export interface MockServerStats {
  readonly requests: number;
  /** Requests that a limit refused. */
  readonly refused: number;
  /** Refused requests by the name of the limit that refused them. */
  readonly refusedBy: Readonly<Record<string, number>>;
  /** Requests by status. */
  readonly byStatus: Readonly<Record<number, number>>;
  /** The level of every bucket in use. */
  readonly buckets: readonly BucketState[];
}

/** A mock provider that listens. */
export interface MockServer extends AsyncDisposable {
  /** The base URL for an SDK of its dialect, e.g. `http://127.0.0.1:4010/v1` for `openai`. */
  readonly url: string;
  readonly port: number;
  /** Environment variables that point the SDK of every dialect at it: `OPENAI_BASE_URL`, `OPENAI_API_KEY`, … */
  readonly env: Readonly<Record<string, string>>;
  stats(): MockServerStats;
  /** Fills all buckets, forgets conversations and sets the counts to zero. */
  reset(): void;
  /** Replaces limits or faults. Unchanged limits keep their buckets. Throws `scenario/invalid` with every problem. */
  change(settings: Pick<ProviderInput, 'limits' | 'faults'>): void;
  /** Stops listening and cuts open connections. `await using` calls it. */
  close(): Promise<void>;
}

/**
 * Starts a mock provider. Throws `scenario/invalid` with every problem, `provider/port-in-use` or
 * `provider/cannot-listen`.
 *
 * @example
 * await using server = await createMockServer({ limits: ['requests 5/s burst 5'], dialect: 'openai' });
 * const openai = new OpenAI({ baseURL: server.url, apiKey: 'any' });
 */
export async function createMockServer(options: MockServerOptions = {}): Promise<MockServer> {
  const { port, host, seed, token, ...settings } = options;
  const provider = await providerFrom(settings, seed);
  const { nowUs } = wallClock();
  // Loaded on demand: the metrics library takes longer to load than all else.
  const { createAdmin } = await import('../mock-server/admin.ts');
  const admin = createAdmin(provider, { nowUs, parseLimits, parseFaults, ...(token !== undefined && { token }) });
  const counts = createCounts();
  const server = await listen(provider, {
    nowUs,
    admin,
    onDecided: counts.add,
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
  });
  const env = providerEnvironment(server.url, provider.settings);
  return {
    url: baseUrl(server.url, provider.settings.dialect),
    port: server.port,
    env,
    stats: () => ({ ...counts.read(), buckets: provider.buckets(nowUs()) }),
    reset() {
      provider.reset(nowUs());
      counts.clear();
    },
    change({ limits, faults }) {
      const parsed = {
        ...(limits !== undefined && { limits: parseLimits({ limits }) }),
        ...(faults !== undefined && { faults: parseFaults({ faults }) }),
      };
      provider.change(parsed, nowUs());
    },
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

type Counts = Omit<MockServerStats, 'buckets'>;

/** Counts requests as they are decided, so that a client that has its reply finds it counted. */
function createCounts(): { add: NonNullable<ListenOptions['onDecided']>; read(): Counts; clear(): void } {
  let requests = 0;
  let refusedBy: Record<string, number> = {};
  let byStatus: Record<number, number> = {};
  return {
    add(_request, { status, deniedBy }) {
      requests++;
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      if (deniedBy !== undefined) refusedBy[deniedBy] = (refusedBy[deniedBy] ?? 0) + 1;
    },
    read() {
      const refused = Object.values(refusedBy).reduce((sum, count) => sum + count, 0);
      return { requests, refused, refusedBy: { ...refusedBy }, byStatus: { ...byStatus } };
    },
    clear() {
      requests = 0;
      refusedBy = {};
      byStatus = {};
    },
  };
}

/** The URL among the variables of a dialect, which has the path that its SDK expects. */
function baseUrl(origin: string, dialect: DialectName): string {
  const variables = DIALECTS[dialect].environment(origin, '');
  return Object.values(variables).find((value) => value.startsWith(origin)) ?? origin;
}
