import type { Limit, Unit } from './admission/limit.ts';
import { limitAmount } from './admission/limit-rate.ts';
import { roughCounter, type TokenCounter } from './completion/tokens.ts';
import type {
  Dialect,
  InvalidRequest,
  Memory,
  ParsedRequest,
  RandomStreams,
  RequestContext,
} from './dialects/dialect.ts';
import { DIALECTS, type DialectName } from './dialects/dialects.ts';
import { httpDate } from './dialects/http-date.ts';
import { setLimitHeaders } from './dialects/set-limit-headers.ts';
import { createFaults, type Fault } from './faults/fault.ts';
import { createMeter, type Meter } from './meter.ts';
import { type DecidedReply, type Privacy, providerView } from './provider-view.ts';
import { randomFor } from './random.ts';
import { createRedactor } from './redaction/redactor.ts';
import type { ProviderRequest, Reply } from './reply.ts';
import { respond } from './respond.ts';
import type { ProviderSettings } from './settings.ts';
import { createNearDuplicates } from './similarity/near-duplicates.ts';
import { wordsHash } from './similarity/words-hash.ts';

/** The level of one bucket at one instant. */
export interface BucketState {
  readonly bucket: string;
  readonly limit: string;
  readonly unit: Unit;
  /** What it holds when full; for a limit on growth, what its window admits. */
  readonly amount: number;
  readonly remaining: number;
  readonly resetUs: number;
}

/**
 * The simulated API. Its only state is buckets, conversations and its start time. Time is an argument, in microseconds since
 * the Unix epoch, so the same requests at the same times get the same bytes on sockets, in virtual time and in model runs.
 */
export interface Provider {
  readonly settings: ProviderSettings;
  /** Sets the start time, which faults count from; default: the time of the first request. */
  start(nowUs: number): void;
  /** Decides the whole reply to one request, without waiting. The caller sends it and then calls `finish` once. */
  receive(request: ProviderRequest, nowUs: number): Reply;
  /** Reports that a reply has ended, complete or not: settles estimates and releases concurrency. */
  finish(replyId: number, nowUs: number): void;
  buckets(nowUs: number): BucketState[];
  /** Returns the reply to a malformed, slow or oversized request: 400, 408, 413, 431. */
  malformedRequest(status: number, message: string): Pick<Reply, 'status' | 'headers'> & { readonly body: string };
  /** Replaces limits or faults while running. Unchanged limits keep their buckets; new faults count from `nowUs`. */
  change(to: { readonly limits?: readonly Limit[]; readonly faults?: readonly Fault[] }, nowUs: number): void;
  /** Resets buckets, conversations and fault counters. */
  reset(nowUs: number): void;
  /** Returns a provider in another wire format that shares limits and state with this one; for programs that use several. */
  withDialect(dialect: DialectName): Provider;
}

/**
 * Creates a provider. `digest` is a one-way hash: only hashes of API keys are stored. `tokens` is the counter for
 * `settings.tokenizer` (`loadTokenizer`); the default estimates from characters. `onKey` gets each new API key, so that what
 * the client says of it can be redacted.
 */
export function createProvider(
  initial: ProviderSettings,
  digest: (text: string) => string,
  tokens: TokenCounter = roughCounter,
  onKey: (key: string) => void = () => undefined,
): Provider {
  let settings = initial;
  const privacy = createPrivacy(digest, onKey);
  const { hashKey } = privacy;
  const streams: RandomStreams = {
    ids: randomFor(settings.seed, 'ids'),
    text: randomFor(settings.seed, 'text'),
    latency: randomFor(settings.seed, 'latency'),
  };
  const meter = createMeter(settings, DIALECTS[settings.dialect], hashKey, randomFor(settings.seed, 'retry-after'));
  const faultRandom = randomFor(settings.seed, 'faults');
  let faults = createFaults(settings.faults, faultRandom);
  const groups = createNearDuplicates();
  const memory: Memory = { ruleCounts: new Map(), conversations: new Map() };
  let startedUs: number | undefined;
  let lastReply = 0;

  const start = (nowUs: number): number => {
    startedUs = nowUs;
    meter.start(nowUs);
    return nowUs;
  };

  const forDialect = (dialect: Dialect): Provider => ({
    get settings() {
      return settings;
    },
    start,
    receive(request, nowUs) {
      const sinceUs = nowUs - (startedUs ?? start(nowUs));
      const id = ++lastReply;
      const requestId = dialect.requestId(streams.ids);
      const dateSkewUs = dateSkew(settings, id);
      const context: RequestContext = { nowUs, dateSkewUs, requestId, random: streams, settings, tokens, memory };
      const parsed = dialect.parseRequest(request, context);
      const decided = respond({ dialect, meter, faults, groups }, { parsed, context, id, sinceUs });
      const headers = replyHeaders(dialect, parsed, decided, context);
      const view = providerView(request, parsed, decided, privacy, context, headers);
      return { id, ...contentOf(decided), headers, view, ...promptHash(parsed) };
    },
    finish: meter.finish,
    buckets: (nowUs) => bucketStates(meter, nowUs),
    malformedRequest(status, message) {
      const { headers, frames } = dialect.malformedRequest(status, message, dialect.requestId(streams.ids));
      return { status, headers, body: frames[0]!.text };
    },
    change(to, nowUs) {
      settings = { ...settings, ...to };
      if (to.limits) meter.setLimits(to.limits, nowUs);
      if (to.faults) {
        faults = createFaults(to.faults, faultRandom);
        startedUs = nowUs;
      }
    },
    reset(nowUs) {
      startedUs = nowUs;
      meter.reset(nowUs);
      groups.reset();
      faults = createFaults(settings.faults, faultRandom);
      memory.ruleCounts.clear();
      memory.conversations.clear();
    },
    withDialect: (name) => forDialect(DIALECTS[name]),
  });
  return forDialect(DIALECTS[settings.dialect]);
}

function contentOf({ content, ending = 'complete' }: DecidedReply) {
  const { status, headAfterUs, frames } = content;
  return { status, headAfterUs, frames, ending };
}

function promptHash(parsed: ParsedRequest | InvalidRequest): Pick<Reply, 'promptHash'> {
  return 'text' in parsed && parsed.text !== '' ? { promptHash: wordsHash(parsed.text) } : {};
}

function bucketStates(meter: Meter, nowUs: number): BucketState[] {
  return [...meter.buckets()].map(({ label, bound, state }) => {
    const { remaining, resetUs } = bound.limiter.check(state, nowUs, 0);
    const { name, unit, spec } = bound.limit;
    const amount = bound.limiter.amountAt?.(state, nowUs) ?? limitAmount(spec);
    return { bucket: label, limit: name, unit, amount, remaining, resetUs };
  });
}

/** Cycles through the configured clock errors, one per reply. */
function dateSkew({ dateSkewsUs }: ProviderSettings, id: number): number {
  return dateSkewsUs.length === 0 ? 0 : dateSkewsUs[id % dateSkewsUs.length]!;
}

/** Merges the headers of the answer, the common headers and the limit headers that the settings enable. */
function replyHeaders(
  dialect: Dialect,
  parsed: ParsedRequest | InvalidRequest,
  { content, admission, retryAfter }: DecidedReply,
  context: RequestContext,
): Record<string, string> {
  const { headers: headerMode, limitHeaders = {}, shouldRetry } = context.settings;
  return {
    ...content.headers,
    ...dialect.commonHeaders(context, parsed.subject, content.headAfterUs),
    ...(admission && headerMode === 'full' && setLimitHeaders(dialect.limitHeaders(admission, context), limitHeaders)),
    ...retryAfter?.headers,
    // Without skew, Node sends the correct date.
    ...(context.settings.dateSkewsUs.length > 0 && { date: httpDate((context.nowUs + context.dateSkewUs) / 1000) }),
    ...(shouldRetry !== null && admission?.admit === false && { 'x-should-retry': String(shouldRetry) }),
  };
}

function createPrivacy(digest: (text: string) => string, onKey: (key: string) => void): Privacy {
  const redactor = createRedactor();
  const learn = memoizeDigest((key) => {
    onKey(key);
    redactor.learn([key]);
    return key;
  });
  return {
    hashKey: memoizeDigest(digest),
    hashText: memoizeDigest(digest),
    learnKey: (key) => void learn(key),
    redactor,
  };
}

/** Caches digests, because keys repeat. The size is bounded, in case a run floods it with new keys. */
function memoizeDigest(digest: (text: string) => string): (text: string) => string {
  const digests = new Map<string, string>();
  return (text) => {
    const hash = digests.get(text) ?? digest(text);
    if (digests.size >= 10_000) digests.clear();
    digests.set(text, hash);
    return hash;
  };
}
