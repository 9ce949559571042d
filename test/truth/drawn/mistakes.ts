import type { DrawnClient, Ending, OwnWait } from './client-value.ts';
import type { Draws } from './draws.ts';
import { configuredAttempts, type SITUATIONS } from './situations.ts';
import type { World } from './world.ts';

/** What a mistake changes in the client; two that change the same part are not drawn together. */
type ClientPart = 'attempts' | 'wait' | 'reading' | 'repeats' | 'outer' | 'gate' | 'time' | 'stream' | 'result' | 'key';

/** One mistake, put into a client that had none, and the situations in which it shows. */
export interface Mistake {
  readonly parts: readonly ClientPart[];
  readonly shows: readonly (keyof typeof SITUATIONS)[];
  make(client: DrawnClient, draws: Draws, world: World): DrawnClient;
}

const waiting = (client: DrawnClient, changes: Partial<OwnWait>): DrawnClient => ({
  ...client,
  wait: { ...client.wait, ...changes },
});

const without = (client: DrawnClient, ...endings: Ending[]): DrawnClient => ({
  ...client,
  repeats: client.repeats.filter((ending) => !endings.includes(ending)),
});

const reading =
  (how: DrawnClient['reading']) =>
  (client: DrawnClient): DrawnClient => ({ ...client, reading: how });

export const MISTAKES = {
  'ignores what it is told': {
    parts: ['reading'],
    shows: ['told seconds', 'told milliseconds', 'told a date', 'told by a literal', 'told more than a minute'],
    make: reading('ignored'),
  },
  'obeys short waits only': {
    parts: ['reading'],
    shows: ['told more than a minute'],
    make: (client, draws) => ({ ...client, obeysUpToMs: draws.pick([5000, 10_000, 60_000]) }),
  },
  'reads leading digits': {
    parts: ['reading'],
    shows: ['told by a literal'],
    make: reading('leading-digits'),
  },
  'reads digits only': { parts: ['reading'], shows: ['told by a literal'], make: reading('strict') },
  'takes the number for milliseconds': {
    parts: ['reading'],
    shows: ['told seconds', 'told by a literal'],
    make: reading('number-as-milliseconds'),
  },
  'takes milliseconds for seconds': {
    parts: ['reading'],
    shows: ['told milliseconds'],
    make: reading('milliseconds-as-seconds'),
  },
  'takes a date for a number': { parts: ['reading'], shows: ['told a date'], make: reading('date-as-number') },
  'goes by its own clock': { parts: ['reading'], shows: ['told dates by a wrong clock'], make: reading('own-clock') },
  'comes back too early': {
    parts: ['wait'],
    shows: ['told nothing'],
    make: (client, draws) => waiting(client, { baseMs: draws.whole(20, 80), capMs: 400 }),
  },
  'waits equally long each time': {
    parts: ['wait'],
    shows: ['told nothing', 'outage', 'limit shut for a minute'],
    make: (client, draws) => ({
      ...waiting(client, { factor: 1, baseMs: draws.whole(500, 2000), ...(draws.chance(0.5) && { jitter: 'none' }) }),
      spread: 0,
    }),
  },
  'waits without jitter': {
    parts: ['wait'],
    shows: ['told nothing', 'told nothing', 'passing faults', 'refused together', 'limit shut for a minute'],
    make: (client) => ({ ...waiting(client, { jitter: 'none' }), spread: 0 }),
  },
  'waits for ten minutes': {
    parts: ['wait'],
    shows: ['told nothing', 'refused together'],
    make: (client, draws) => waiting(client, { baseMs: draws.whole(300, 900) * 1000, capMs: 900_000 }),
  },
  'gives up at once': {
    parts: ['attempts'],
    shows: ['told nothing', 'told seconds', 'refused together', 'a start with work in hand'],
    make: (client, draws) => ({ ...client, attempts: draws.pick([1, 2]) }),
  },
  'tries again and again': {
    parts: ['attempts', 'wait'],
    shows: ['limit shut for a minute', 'told nothing'],
    make: (client, draws) => ({
      ...waiting(client, { baseMs: 250, capMs: 2000 }),
      attempts: draws.pick([12, 16, 20, 30]),
    }),
  },
  'is tried again by its scheduler': {
    parts: ['attempts', 'wait'],
    shows: ['limit shut for a minute'],
    make: (client, draws) => ({
      ...waiting(client, { baseMs: 250, capMs: 2000 }),
      attempts: draws.whole(3, 5),
      job: { tries: draws.whole(5, 7), everyMs: draws.whole(8, 10) * 1000 },
    }),
  },
  'tries for ever': {
    parts: ['attempts', 'wait'],
    shows: ['limit shut for a minute'],
    make: (client, draws) => ({ ...waiting(client, { baseMs: draws.whole(200, 500), capMs: 1000 }), attempts: null }),
  },
  'retries in two layers': {
    parts: ['outer', 'wait', 'attempts'],
    shows: ['limit shut for a minute'],
    make: (client, draws) => ({
      ...waiting(client, { jitter: draws.pick(['none', 'minus-quarter'] as const), baseMs: 500, capMs: 8000 }),
      attempts: draws.whole(3, 4),
      outer: { rounds: draws.whole(2, 3), pauseMs: draws.pick([0, 100, 1000]) },
      sendsRetryCount: draws.chance(0.5),
    }),
  },
  'takes overload for fatal': {
    parts: ['repeats'],
    shows: ['passing faults', 'outage'],
    make: (client) => without(client, 'overloaded', 'failed'),
  },
  'takes a reset for fatal': { parts: ['repeats'], shows: ['resets'], make: (client) => without(client, 'broken') },
  'takes an unreadable answer for fatal': {
    parts: ['repeats'],
    shows: ['unreadable answers'],
    make: (client) => without(client, 'unreadable'),
  },
  'repeats what stays wrong': {
    parts: ['repeats'],
    shows: ['requests that stay wrong'],
    make: (client) => ({ ...client, repeats: [...client.repeats, 'rejected'] }),
  },
  'repeats a bill': {
    parts: ['repeats'],
    shows: ['a quota that is spent'],
    make: (client) => ({ ...client, repeats: [...client.repeats, 'spent'] }),
  },
  'repeats what is too large': {
    parts: ['repeats'],
    shows: ['requests too large'],
    make: (client) => ({ ...client, repeats: [...client.repeats, 'too-large'] }),
  },
  'gives up with a text': {
    parts: ['result'],
    shows: ['limit shut for a minute', 'refused together', 'requests that stay wrong', 'a quota that is spent'],
    make: (client, draws) => ({
      ...client,
      givesUpWith: draws.pick(['an empty text', 'the text of the error'] as const),
    }),
  },
  'keeps the text of a broken stream': {
    parts: ['stream'],
    shows: ['broken streams'],
    make: (client) => ({ ...client, brokenStream: 'replay' }),
  },
  'delivers half an answer': {
    parts: ['stream'],
    shows: ['broken streams'],
    make: (client) => ({ ...client, brokenStream: 'deliver' }),
  },
  'has no deadline': {
    parts: ['time'],
    shows: ['hangs'],
    make: (client) => ({ ...client, timeoutMs: null, deadlineMs: null }),
  },
  'has a timeout for attempts only': {
    parts: ['time'],
    shows: ['hangs'],
    make: (client) => ({ ...client, deadlineMs: null }),
  },
  'ends answers that were coming': {
    parts: ['time'],
    shows: ['slow answers'],
    make: (client, draws, { latencyMs }) => ({ ...client, timeoutMs: Math.round(latencyMs * draws.between(0.9, 1.1)) }),
  },
  'sends each request twice': {
    parts: ['time'],
    shows: ['slow answers', 'told seconds'],
    make: (client, draws, { latencyMs }) => ({
      ...client,
      hedgeAfterMs: Math.round(latencyMs * draws.between(0.2, 0.6)),
    }),
  },
  'stays shut': {
    parts: ['gate'],
    shows: ['outage'],
    make: (client, draws) => ({
      ...client,
      gate: { kind: 'breaker', failures: draws.whole(3, 6), openMs: draws.pick([null, 600_000]), per: 'all' },
    }),
  },
  'cools down for long': {
    parts: ['gate'],
    shows: ['told seconds', 'told nothing'],
    make: (client, draws) => ({ ...client, gate: { kind: 'cool-down', coolMs: draws.whole(20, 60) * 1000 } }),
  },
  'keeps its place while it waits': {
    parts: ['gate', 'wait'],
    shows: ['half of the calls always fail'],
    make: (client, draws) => ({
      ...waiting(client, { baseMs: draws.whole(2000, 3000), capMs: 20_000, jitter: 'minus-quarter' }),
      gate: { kind: 'permits', count: draws.whole(1, 2), over: 'call' },
    }),
  },
  'paces below its quota': {
    parts: ['gate'],
    shows: ['told seconds', 'told nothing', 'callers who compete'],
    make: (client, draws, { quotaPerS }) => ({
      ...client,
      gate: { kind: 'queue', burst: 1, everyMs: (1000 / quotaPerS) * draws.between(2, 4) },
    }),
  },
  'serves the first caller first': {
    parts: ['gate'],
    shows: ['callers who compete'],
    make: (client, _draws, { quotaPerS }) => ({
      ...client,
      gate: { kind: 'favours-first', everyMs: 1010 / quotaPerS },
    }),
  },
  'waits for the full minute': {
    parts: ['gate'],
    shows: ['minutes'],
    make: (client) => ({ ...client, gate: { kind: 'top-of-minute' } }),
  },
  'has no gate': {
    parts: ['gate'],
    shows: ['many callers, slow answers', 'a start with work in hand'],
    make: (client) => ({ ...client, gate: { kind: 'none' } }),
  },
  'changes its key': {
    parts: ['key'],
    shows: ['resets'],
    make: (client) => ({ ...client, idempotencyKey: 'changing' }),
  },
  'retries more than configured': {
    parts: ['attempts'],
    shows: ['attempts that were configured'],
    make: (client, draws, world) => ({ ...client, attempts: configuredAttempts(world)! + draws.whole(1, 3) }),
  },
} as const satisfies Readonly<Record<string, Mistake>>;

export type MistakeName = keyof typeof MISTAKES;
