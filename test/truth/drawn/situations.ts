import type { DrawnClient } from './client-value.ts';
import type { Draws } from './draws.ts';
import { arrivals, burst, type FaultInput, type LoadInput, type World } from './world.ts';

/** What a situation or a mistake changes; two that change the same part are not drawn together. */
export type Part = 'limit' | 'hints' | 'load' | 'latency' | 'verdicts' | 'stream' | 'size';

/** A situation that a verdict judges: what it changes in a drawn world, and in any client that meets it. */
export interface Situation {
  readonly parts: readonly Part[];
  /** Faults that strike whatever the load; alone, they strike a load that no limit refuses. */
  readonly strikes?: true;
  arise(world: World, draws: Draws): World;
  /** What a client needs here to be without fault; a mistake may take it away again. */
  readonly meets?: (client: DrawnClient, world: World) => DrawnClient;
}

/** The attempts of a call that the world's author believes to have configured; undefined if nobody says. */
export function configuredAttempts({ verdicts }: World): number | undefined {
  const setting = verdicts['hides-retries'];
  return typeof setting === 'object' ? (setting.attempts as number) : undefined;
}

const shut = (fault: Partial<FaultInput> = {}): FaultInput => ({ kind: 'refuse', says: 'rate-limit', ...fault });

/** A limit that refuses most of a load. */
function above(world: World, draws: Draws): World {
  return { ...world, load: [arrivals(draws, world.quotaPerS * draws.between(1.5, 2.5), 25)] };
}

export const SITUATIONS = {
  'told seconds': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({
      ...above(world, draws),
      retryAfter: draws.pick(['ceil-seconds', 'window-end'] as const),
    }),
  },
  'told milliseconds': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({
      ...above(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      retryAfter: draws.pick(['next-token', 'slot', 'spread'] as const),
    }),
  },
  'told a date': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({
      ...above(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      retryAfter: 'http-date',
    }),
  },
  'told dates by a wrong clock': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({
      ...above(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      retryAfter: 'http-date',
      dateSkew: draws.pick([
        ['-30s', '0s', '30s'],
        ['-20s', '20s'],
      ]),
    }),
  },
  'told by a literal': {
    parts: ['hints', 'load'],
    arise: (world, draws) => ({
      ...quiet(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      faults: draws
        .pick([
          ['1.5', '2.5'],
          ['1.75', '3'],
          ['2', '5', '7'],
          ['3.0', '4.5'],
        ])
        .map((retryAfter, index) => shut({ retryAfter, every: 3 + 2 * index })),
    }),
  },
  'told more than a minute': {
    parts: ['hints', 'load'],
    arise: (world, draws) => ({
      ...quiet(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      faults: [shut({ retryAfter: draws.pick(['61', '90', '121']), every: 3 }), shut({ retryAfter: '7', every: 4 })],
    }),
  },
  'told nothing': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({ ...above(world, draws), retryAfter: 'none' }),
  },
  'told nonsense': {
    parts: ['hints', 'load'],
    arise: (world, draws) => ({
      ...quiet(world, draws),
      dialect: draws.pick(['openai', 'azure', 'anthropic'] as const),
      faults: [shut({ retryAfter: draws.pick(['soon', 'NaN', '-3']), every: 3 })],
    }),
  },
  'limit shut for a minute': {
    parts: ['load'],
    arise: (world, draws) => ({
      ...world,
      faults: [shut({ for: '60s' })],
      limits: [],
      quotaPerS: Infinity,
      load: [draws.chance(0.5) ? burst(draws.whole(8, 20)) : arrivals(draws, 1, 40)],
    }),
  },
  'refused together': {
    parts: ['limit', 'hints', 'load'],
    arise: (world, draws) => ({
      ...world,
      quotaPerS: 1,
      limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 2, refill: '1/s' }],
      retryAfter: draws.pick(['ceil-seconds', 'none'] as const),
      load: [burst(draws.whole(26, 40))],
    }),
  },
  outage: {
    parts: ['load'],
    arise: (world, draws) => ({
      ...world,
      faults: [{ kind: 'status', status: draws.pick([500, 502, 503, 529]), at: '30s', for: `${draws.whole(12, 30)}s` }],
      load: [arrivals(draws, world.quotaPerS * 0.6, 240)],
    }),
  },
  'half of the calls always fail': {
    parts: ['load', 'limit'],
    arise: (world, draws) => ({
      ...quiet(world, draws),
      faults: [{ kind: 'status', status: 503, match: { text: 'sick' } }],
      load: ['sick', 'well'].map((name) => ({ ...arrivals(draws, world.quotaPerS * 0.45, 60), name })),
    }),
  },
  'passing faults': {
    parts: [],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      faults: [
        ...world.faults,
        { kind: 'status', status: draws.pick([500, 502, 503, 504, 529]), rate: draws.between(0.2, 0.35) },
      ],
    }),
  },
  resets: {
    parts: [],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      faults: [...world.faults, { kind: 'reset', rate: draws.between(0.2, 0.35) }],
    }),
  },
  'unreadable answers': {
    parts: ['stream'],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      stream: false,
      faults: [
        ...world.faults,
        {
          kind: draws.pick(['error-in-200', 'malformed-json', 'content-type'] as const),
          rate: draws.between(0.2, 0.35),
        },
      ],
    }),
  },
  'requests that stay wrong': {
    parts: [],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      faults: [
        ...world.faults,
        { kind: 'status', status: draws.pick([400, 401, 403, 404, 422]), rate: draws.between(0.2, 0.5) },
      ],
    }),
  },
  'a quota that is spent': {
    parts: [],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      // Azure and Gemini know no refusal for a bill.
      dialect: world.dialect === 'anthropic' ? 'anthropic' : 'openai',
      faults: [
        ...world.faults,
        { kind: 'refuse', says: draws.pick(['insufficient-quota', 'credit-balance'] as const), at: '5s' },
      ],
    }),
  },
  'requests too large': {
    parts: ['limit', 'size', 'load', 'hints'],
    arise: (world, draws) => ({
      ...world,
      dialect: 'openai',
      maxTokens: 2000,
      quotaPerS: 1,
      limits: [{ name: 'quota', unit: 'tokens', capacity: 1000, refill: '1000/s' }],
      load: [burst(draws.whole(3, 8))],
    }),
  },
  hangs: {
    parts: ['load'],
    arise: (world, draws) => ({
      ...world,
      faults: [{ kind: 'hang', ...(draws.chance(0.5) ? { every: draws.whole(3, 6) } : { rate: 0.6 }) }],
      load: [arrivals(draws, Math.min(0.5, world.quotaPerS * 0.5), 40)],
    }),
    meets: (client) => ({ ...client, timeoutMs: 20_000, deadlineMs: 28_000 }),
  },
  'broken streams': {
    parts: ['stream'],
    strikes: true,
    arise: (world, draws) => ({
      ...world,
      stream: true,
      faults: [...world.faults, { kind: 'truncate', after: draws.whole(4, 8), rate: draws.between(0.25, 0.4) }],
    }),
  },
  'slow answers': {
    parts: ['latency'],
    strikes: true,
    arise: (world, draws) => ({ ...world, latencyMs: draws.pick([1500, 2500]), maxTokens: 20 }),
  },
  'many callers, slow answers': {
    parts: ['latency', 'load', 'limit', 'hints'],
    arise: (world, draws) => ({
      ...world,
      latencyMs: 1000,
      quotaPerS: 4,
      limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 4, refill: '4/s' }],
      load: [burst(draws.whole(80, 120))],
    }),
  },
  'callers who compete': {
    parts: ['limit', 'load', 'hints'],
    arise: (world) => ({
      ...world,
      quotaPerS: 1,
      limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 2, refill: '1/s' }],
      load: [{ executor: 'constant-vus', vus: 8, duration: '200s', gracefulStop: '15m' } satisfies LoadInput],
    }),
  },
  minutes: {
    parts: ['limit', 'load'],
    arise: (world, draws) => ({
      ...world,
      quotaPerS: 2,
      limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 200, refill: '2/s' }],
      load: [arrivals(draws, 0.6, 480)],
    }),
  },
  'a start with work in hand': {
    parts: ['limit', 'load', 'verdicts', 'hints'],
    arise: (world, draws) => ({
      ...world,
      quotaPerS: 2,
      limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 3, refill: '2/s' }],
      load: [burst(draws.whole(40, 60))],
      verdicts: { ...world.verdicts, 'restart-stampede': { starts: ['0s'] } },
    }),
  },
  'attempts that were configured': {
    parts: ['verdicts'],
    arise: (world, draws) => ({
      ...world,
      verdicts: { ...world.verdicts, 'hides-retries': { attempts: draws.whole(3, 4) } },
    }),
    meets: (client, world) => ({ ...client, attempts: configuredAttempts(world)! }),
  },
} as const satisfies Readonly<Record<string, Situation>>;

/** A load that its limit never refuses: what happens then is the faults' doing. */
export function quiet(world: World, draws: Draws): World {
  return {
    ...world,
    limits: [{ name: 'quota', algorithm: 'token-bucket', capacity: 50, refill: `${world.quotaPerS}/s` }],
    load: [arrivals(draws, world.quotaPerS * 0.6, 40)],
  };
}
