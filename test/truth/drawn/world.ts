import type { DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import type { DrawnClient } from './client-value.ts';
import type { Draws } from './draws.ts';

type ProviderInput = NonNullable<ScenarioInput['provider']>;
export type LimitInput = Exclude<ProviderInput['limits'], string | undefined>[number];
export type FaultInput = NonNullable<ProviderInput['faults']>[number];
export type LoadInput = NonNullable<ScenarioInput['load']>[number];

/** The provider and the load that a drawn client meets. */
export interface World {
  readonly dialect: DialectName;
  /** The sustained rate of its limit, in calls per second; Infinity without a limit. */
  readonly quotaPerS: number;
  readonly limits: readonly LimitInput[];
  readonly retryAfter: NonNullable<ProviderInput['retryAfter']>;
  readonly dateSkew: readonly string[];
  readonly faults: readonly FaultInput[];
  /** Median time to the first token. */
  readonly latencyMs: number;
  readonly stream: boolean;
  readonly maxTokens: number;
  readonly load: readonly LoadInput[];
  readonly verdicts: NonNullable<ScenarioInput['verdicts']>;
}

/** How much load a world has, as a share of its quota. */
export const LOAD_SHARES = { below: 0.6, at: 1, above: 1.6 } as const;

/** Draws a provider with one limit and a load below, at or above it. */
export function drawWorld(draws: Draws): World {
  const quotaPerS = draws.pick([1, 2, 4]);
  const share = draws.pick(Object.values(LOAD_SHARES));
  const maxTokens = draws.pick([20, 40, 60]);
  const dialect = draws.pick(['openai', 'azure', 'anthropic', 'gemini'] as const);
  const limit =
    dialect === 'openai' && maxTokens === 60 ? tokenLimit(quotaPerS, maxTokens) : drawLimit(draws, quotaPerS);
  return {
    dialect,
    quotaPerS,
    limits: [limit],
    retryAfter: draws.pick(['ceil-seconds', 'next-token', 'window-end', 'slot', 'spread', 'http-date'] as const),
    dateSkew: [],
    faults: [],
    latencyMs: draws.pick([100, 300, 600]),
    stream: draws.chance(0.3),
    maxTokens,
    load: [draws.chance(0.7) ? arrivals(draws, quotaPerS * share, 25) : loops(draws, quotaPerS * share)],
    verdicts: {},
  };
}

/** A limit of `perS` requests per second by one of the algorithms. */
function drawLimit(draws: Draws, perS: number): LimitInput {
  const burst = draws.whole(perS, 3 * perS);
  const common = { name: 'quota', scope: 'organization' as const };
  return draws.pick<LimitInput>([
    { ...common, algorithm: 'token-bucket', capacity: burst, refill: `${perS}/s` },
    { ...common, algorithm: 'token-bucket', capacity: burst, refill: `${perS}/s` },
    { ...common, algorithm: 'fixed-window', amount: perS * 5, window: '5s' },
    { ...common, algorithm: 'sliding-window-log', amount: perS * 5, window: '5s' },
    { ...common, algorithm: 'gcra', capacity: burst, refill: `${perS}/s` },
  ] as readonly LimitInput[]);
}

/** A limit of as many tokens as `perS` requests reserve; their prompts are shorter than their reservation. */
function tokenLimit(perS: number, maxTokens: number): LimitInput {
  return { name: 'quota', unit: 'tokens', capacity: 2 * perS * maxTokens, refill: `${perS * maxTokens}/s` };
}

/** Calls that arrive one by one. */
export function arrivals(draws: Draws, perS: number, seconds: number): LoadInput {
  return {
    executor: 'constant-arrival-rate',
    rate: perS,
    duration: `${seconds}s`,
    arrivals: draws.pick(['uniform', 'poisson'] as const),
    gracefulStop: '15m',
  };
}

/** Callers who each make one call after the other. */
function loops(draws: Draws, perS: number): LoadInput {
  const wait = { between: [`${draws.whole(500, 900)}ms`, '1500ms'] as [string, string] };
  return { executor: 'constant-vus', vus: Math.ceil(1.5 * perS), duration: '25s', wait, gracefulStop: '15m' };
}

/** Calls that start together. */
export function burst(vus: number, iterations = 1): LoadInput {
  return { executor: 'per-vu-iterations', vus, iterations, maxDuration: '15m', gracefulStop: '15m' };
}

/** The scenario in which a drawn client meets its world. */
export function scenarioInput(world: World, client: DrawnClient, seed: number): ScenarioInput {
  const { dialect, limits, retryAfter, dateSkew, faults, latencyMs, stream, maxTokens, load, verdicts } = world;
  return {
    name: 'drawn',
    seed,
    time: 'virtual',
    provider: {
      dialect,
      limits: [...limits],
      retryAfter,
      dateSkew: [...dateSkew],
      faults: [...faults],
      latency: { firstToken: { p50: `${latencyMs}ms`, p99: `${3 * latencyMs}ms` }, perToken: '5ms' },
    },
    client: {
      module: './clients/interpreter.ts',
      env: { DRAWN_CLIENT: JSON.stringify(client), DRAWN_DIALECT: dialect },
    },
    call: { model: MODELS[dialect], stream, maxTokens, ...(client.job && { job: 'work-{vu}' }) },
    load: client.job ? [tries(client.job)] : [...load],
    verdicts,
  };
}

/** A scheduler with ten jobs. */
function tries({ tries: iterations, everyMs }: NonNullable<DrawnClient['job']>): LoadInput {
  const wait = { pacing: `${everyMs}ms` };
  return { executor: 'per-vu-iterations', vus: 10, iterations, wait, maxDuration: '15m', gracefulStop: '15m' };
}

const MODELS: Readonly<Record<DialectName, string>> = {
  openai: 'gpt-4o-mini',
  azure: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};
