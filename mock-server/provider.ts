import type { Limit, Unit } from './admission/limit.ts';
import { amountOf } from './admission/period.ts';
import { roughCounter, type TokenCounter } from './completion/tokens.ts';
import type { Asked, Chances, Dialect, Memory, Moment, Wrong } from './dialects/dialect.ts';
import { dialectOf } from './dialects/dialects.ts';
import { httpDate } from './dialects/retry-after-header.ts';
import { createFaults, type Fault } from './faults/fault.ts';
import { createMeter, type Meter } from './meter.ts';
import { type Answered, providerView } from './provider-view.ts';
import { randomFor } from './random.ts';
import type { ProviderRequest, Reply } from './reply.ts';
import { respond } from './respond.ts';
import type { DialectName, ProviderSettings } from './settings.ts';
import { createNearDuplicates } from './similarity/near-duplicates.ts';
import { wordsHash } from './similarity/words-hash.ts';

/** How one bucket stands at one moment. */
export interface BucketState {
  readonly bucket: string;
  readonly limit: string;
  readonly unit: Unit;
  readonly amount: number;
  readonly remaining: number;
  readonly resetUs: number;
}

/**
 * The simulated API. It keeps buckets, conversations and when it began, nothing else; time is an argument, in
 * microseconds since the Unix epoch, so that the same requests at the same times get the same bytes on sockets, in
 * virtual time and in a model run.
 */
export interface Provider {
  readonly settings: ProviderSettings;
  /** Sets the moment that faults count from; without it, it is the first request's. */
  begin(nowUs: number): void;
  /** Decides the whole reply to one request. Nothing in it sleeps; whoever plays it calls `finish` once. */
  receive(request: ProviderRequest, nowUs: number): Reply;
  /** Tells that a reply has ended, whole or not: estimates are settled, concurrency is given back. */
  finish(replyId: number, nowUs: number): void;
  buckets(nowUs: number): BucketState[];
  /** What is answered to what is no request at all, or too much of one: 400, 408, 413, 431. */
  notARequest(status: number, message: string): Pick<Reply, 'status' | 'headers'> & { readonly body: string };
  /** Changes what is metered or what goes wrong while running; limits that stay as they were keep their buckets. */
  change(to: { readonly limits?: readonly Limit[]; readonly faults?: readonly Fault[] }, nowUs: number): void;
  /** Back to the beginning: full buckets, no conversations, faults that start counting anew. */
  reset(nowUs: number): void;
  /** The same provider, its limits and all its state, in another wire format: for programs that speak several. */
  speaking(dialect: DialectName): Provider;
}

/**
 * Makes a provider. `digest` turns a text into a short hash that does not tell it: keys are kept as that. `tokens` counts
 * as `settings.tokenizer` says (load-tokenizer.ts); without it, characters are counted.
 */
export function createProvider(
  initial: ProviderSettings,
  digest: (text: string) => string,
  tokens: TokenCounter = roughCounter,
): Provider {
  let settings = initial;
  const hashKey = remember(digest);
  const chances: Chances = {
    ids: randomFor(settings.seed, 'ids'),
    text: randomFor(settings.seed, 'text'),
    latency: randomFor(settings.seed, 'latency'),
  };
  const meter = createMeter(settings, dialectOf(settings), hashKey, randomFor(settings.seed, 'retry-after'));
  const faultChance = randomFor(settings.seed, 'faults');
  let faults = createFaults(settings.faults, faultChance);
  const groups = createNearDuplicates();
  const memory: Memory = { ruleCounts: new Map(), conversations: new Map() };
  let beganUs: number | undefined;
  let lastReply = 0;

  const speaking = (dialect: Dialect): Provider => ({
    get settings() {
      return settings;
    },
    begin(nowUs) {
      beganUs = nowUs;
    },
    receive(request, nowUs) {
      beganUs ??= nowUs;
      const id = ++lastReply;
      const requestId = dialect.requestId(chances.ids);
      const dateSkewUs = skewOf(settings, id);
      const moment: Moment = { nowUs, dateSkewUs, requestId, chances, settings, tokens, memory };
      const asked = dialect.read(request, moment);
      const answered = respond({ dialect, meter, faults, groups }, { asked, moment, id, sinceUs: nowUs - beganUs });
      const { content } = answered;
      const headers = headersOf(dialect, asked, answered, moment);
      return {
        id,
        status: content.status,
        headers,
        headAfterUs: content.headAfterUs,
        frames: content.frames,
        ending: answered.ending ?? 'complete',
        sight: providerView(request, asked, answered, hashKey, moment, headers),
        ...('text' in asked && asked.text !== '' && { promptHash: wordsHash(asked.text) }),
      };
    },
    finish: meter.finish,
    buckets: (nowUs) => statesOf(meter, nowUs),
    notARequest(status, message) {
      const { headers, frames } = dialect.notARequest(status, message, dialect.requestId(chances.ids));
      return { status, headers, body: frames[0]!.bytes };
    },
    change(to, nowUs) {
      settings = { ...settings, ...to };
      if (to.limits) meter.setLimits(to.limits);
      if (to.faults) {
        faults = createFaults(to.faults, faultChance);
        beganUs = nowUs;
      }
    },
    reset(nowUs) {
      beganUs = nowUs;
      meter.reset();
      groups.reset();
      faults = createFaults(settings.faults, faultChance);
      memory.ruleCounts.clear();
      memory.conversations.clear();
    },
    speaking: (name) => speaking(dialectOf({ dialect: name })),
  });
  return speaking(dialectOf(settings));
}

function statesOf(meter: Meter, nowUs: number): BucketState[] {
  return [...meter.buckets()].map(({ label, bound, state }) => {
    const { remaining, resetUs } = bound.limiter.check(state, nowUs, 0);
    const { name, unit, spec } = bound.limit;
    return { bucket: label, limit: name, unit, amount: amountOf(spec), remaining, resetUs };
  });
}

/** Clocks that are wrong take turns, from reply to reply. */
function skewOf({ dateSkewsUs }: ProviderSettings, id: number): number {
  return dateSkewsUs.length === 0 ? 0 : dateSkewsUs[id % dateSkewsUs.length]!;
}

/** Common headers, the answer's own, and of the limit headers what the setting lets through. */
function headersOf(
  dialect: Dialect,
  asked: Asked | Wrong,
  { content, admission, retryAfter }: Answered,
  moment: Moment,
): Record<string, string> {
  const { headers: shown, shouldRetry } = moment.settings;
  return {
    ...content.headers,
    ...dialect.commonHeaders(moment, asked.subject, content.headAfterUs),
    ...(admission && shown === 'full' && dialect.limitHeaders(admission, moment)),
    ...retryAfter?.headers,
    // Node sends the true date by itself.
    ...(moment.settings.dateSkewsUs.length > 0 && { date: httpDate((moment.nowUs + moment.dateSkewUs) / 1000) }),
    ...(shouldRetry !== null && admission?.admit === false && { 'x-should-retry': String(shouldRetry) }),
  };
}

/** Keys are few and asked for often; a flood of new ones must not be kept for ever. */
function remember(digest: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const hash = known.get(text) ?? digest(text);
    if (known.size >= 10_000) known.clear();
    known.set(text, hash);
    return hash;
  };
}
