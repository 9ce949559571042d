import {
  type Admission,
  chargeAll,
  chargeRejected,
  decide,
  type OpenCharge,
  settleAll,
} from './admission/admission.ts';
import type { BoundLimit, Buckets } from './admission/buckets.ts';
import type { Cost, Unit } from './admission/limit.ts';
import { amountOf } from './admission/period.ts';
import { askedWait } from './admission/retry-after.ts';
import type { Asked, Chances, Content, Dialect, Moment, Wrong } from './dialects/dialect.ts';
import { openai } from './dialects/openai/openai.ts';
import { createLimiter } from './limiter/create-limiter.ts';
import { randomFor } from './random.ts';
import type { ProviderRequest, Reply } from './reply.ts';
import type { ProviderSettings } from './settings.ts';
import { type Answered, sightOf } from './sight.ts';

const DIALECTS: Readonly<Record<ProviderSettings['dialect'], Dialect>> = { openai };

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
 * The simulated API. It keeps buckets and nothing else; time is an argument, in microseconds since the Unix epoch, so
 * that the same requests at the same times get the same bytes on sockets, in virtual time and in a model run.
 */
export interface Provider {
  readonly settings: ProviderSettings;
  /** Decides the whole reply to one request. Nothing in it sleeps; whoever plays it calls `finish` once. */
  receive(request: ProviderRequest, nowUs: number): Reply;
  /** Tells that a reply has ended, whole or not: estimates are settled, concurrency is given back. */
  finish(replyId: number, nowUs: number): void;
  buckets(nowUs: number): BucketState[];
}

/** A reply whose charges are still to be corrected, and what it will turn out to have cost. */
interface Unsettled {
  readonly open: readonly OpenCharge[];
  readonly actual: Cost;
}

/** Makes a provider. `digest` turns a text into a short hash that does not tell it: keys and bodies are kept as that. */
export function createProvider(settings: ProviderSettings, digest: (text: string) => string): Provider {
  const dialect = DIALECTS[settings.dialect];
  const limits: BoundLimit[] = settings.limits.map((limit) => ({ limit, limiter: createLimiter(limit.spec) }));
  const hashes = { digest, hashKey: remember(digest) };
  const buckets: Buckets = { byId: new Map(), hashKey: hashes.hashKey };
  const chances: Chances = {
    ids: randomFor(settings.seed, 'ids'),
    text: randomFor(settings.seed, 'text'),
    latency: randomFor(settings.seed, 'latency'),
    retryAfter: randomFor(settings.seed, 'retry-after'),
  };
  const unsettled = new Map<number, Unsettled>();
  let lastReply = 0;

  /** Charges an admitted request and answers it; the answer comes later if a limit holds requests back. */
  function admit(asked: Asked, admission: Admission, moment: Moment, id: number): Content {
    const content = later(asked.answer(moment), admission.delayUs);
    const endsUs = moment.nowUs + (content.frames.at(-1)?.afterUs ?? content.headAfterUs);
    const open = chargeAll(admission, moment.nowUs, { id, endsUs });
    if (open.length > 0) unsettled.set(id, { open, actual: actualCost(content) });
    return content;
  }

  function refuse(asked: Asked, admission: Admission, moment: Moment): Answered {
    const { content, toldUs } = dialect.refuse(asked, admission);
    const wait = askedWait(settings.retryAfter, admission.reported!, toldUs, moment.nowUs, chances.retryAfter);
    chargeRejected(admission, moment.nowUs);
    return { content, ...(wait && { retryAfter: dialect.retryAfterHeaders(wait, moment.nowUs) }) };
  }

  function respond(asked: Asked | Wrong, moment: Moment, id: number): Answered {
    if ('wrong' in asked) return { content: asked.wrong };
    if (asked.cost === null) return { content: asked.answer(moment) };
    const admission = decide(limits, buckets, asked.subject, asked.cost, moment.nowUs);
    const answered = admission.admit
      ? { content: admit(asked, admission, moment, id) }
      : refuse(asked, admission, moment);
    return { ...answered, admission };
  }

  return {
    settings,
    receive(request, nowUs) {
      const id = ++lastReply;
      const moment: Moment = { nowUs, chances, settings };
      const asked = dialect.read(request, moment);
      const answered = respond(asked, moment, id);
      const { content } = answered;
      return {
        id,
        status: content.status,
        headers: headersOf(dialect, asked, answered, moment),
        headAfterUs: content.headAfterUs,
        frames: content.frames,
        ending: 'complete',
        sight: sightOf(request, asked, answered, hashes, nowUs),
      };
    },
    finish(replyId, nowUs) {
      const charges = unsettled.get(replyId);
      if (!charges) return;
      unsettled.delete(replyId);
      settleAll(charges.open, replyId, charges.actual, nowUs);
    },
    buckets: (nowUs) =>
      [...buckets.byId.values()].map(({ label, bound, state }) => {
        const { remaining, resetUs } = bound.limiter.check(state, nowUs, 0);
        const { name, unit, spec } = bound.limit;
        return { bucket: label, limit: name, unit, amount: amountOf(spec), remaining, resetUs };
      }),
  };
}

/** Common headers, the answer's own, and of the limit headers what the setting lets through. */
function headersOf(
  dialect: Dialect,
  asked: Asked | Wrong,
  { content, admission, retryAfter }: Answered,
  moment: Moment,
): Record<string, string> {
  const shown = moment.settings.headers;
  return {
    ...content.headers,
    ...dialect.commonHeaders(moment, asked.subject, content.headAfterUs),
    ...(admission && shown === 'full' && dialect.limitHeaders(admission, moment)),
    ...(shown !== 'none' && retryAfter?.headers),
  };
}

function later(content: Content, delayUs: number): Content {
  if (delayUs === 0) return content;
  const frames = content.frames.map((frame) => ({ ...frame, afterUs: frame.afterUs + delayUs }));
  return { ...content, headAfterUs: content.headAfterUs + delayUs, frames };
}

function actualCost({ promptTokens = 0, completionTokens = 0 }: Content): Cost {
  return {
    requests: 1,
    tokens: promptTokens + completionTokens,
    'input-tokens': promptTokens,
    'output-tokens': completionTokens,
    concurrent: 1,
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
