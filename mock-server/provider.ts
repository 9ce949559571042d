import type { Admission } from './admission/admission.ts';
import type { Unit } from './admission/limit.ts';
import { amountOf } from './admission/period.ts';
import type { Asked, Chances, Content, Dialect, Moment, Wrong } from './dialects/dialect.ts';
import { dialectOf } from './dialects/dialects.ts';
import { faultAt } from './faults/fault.ts';
import { actualCost, createMeter } from './meter.ts';
import { randomFor } from './random.ts';
import type { ProviderRequest, Reply } from './reply.ts';
import type { ProviderSettings } from './settings.ts';
import { type Answered, sightOf } from './sight.ts';

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
 * The simulated API. It keeps buckets and when it began, nothing else; time is an argument, in microseconds since the Unix epoch, so
 * that the same requests at the same times get the same bytes on sockets, in virtual time and in a model run.
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
}

/** Makes a provider. `digest` turns a text into a short hash that does not tell it: keys are kept as that. */
export function createProvider(settings: ProviderSettings, digest: (text: string) => string): Provider {
  const dialect = dialectOf(settings);
  const hashKey = remember(digest);
  const chances: Chances = {
    ids: randomFor(settings.seed, 'ids'),
    text: randomFor(settings.seed, 'text'),
    latency: randomFor(settings.seed, 'latency'),
  };
  const meter = createMeter(settings, dialect, hashKey, randomFor(settings.seed, 'retry-after'));
  let beganUs: number | undefined;
  let lastReply = 0;

  /** Charges an admitted request and answers it; the answer comes later if a limit holds requests back. */
  function admit(asked: Asked, admission: Admission, moment: Moment, id: number): Content {
    const content = later(asked.answer(moment), admission.delayUs);
    const endsUs = moment.nowUs + (content.frames.at(-1)?.afterUs ?? content.headAfterUs);
    const actual = actualCost(content.promptTokens ?? 0, content.completionTokens ?? 0);
    meter.admit(admission, moment.nowUs, { id, endsUs, actual });
    return content;
  }

  function refuse(asked: Asked, admission: Admission, { nowUs }: Moment): Answered {
    const { kind, retryAfter } = meter.refuse(admission, nowUs);
    return { content: dialect.refuse(asked, admission, kind), ...(retryAfter && { retryAfter }) };
  }

  function respond(asked: Asked | Wrong, moment: Moment, id: number): Answered {
    if ('wrong' in asked) return { content: asked.wrong };
    if (asked.cost === null) return { content: asked.answer(moment) };
    const fault = faultAt(settings.faults, moment.nowUs - beganUs!);
    if (fault) return { content: dialect.fault(fault.status) };
    const admission = meter.decide(asked.subject, asked.cost, moment.nowUs);
    const answered = admission.admit
      ? { content: admit(asked, admission, moment, id) }
      : refuse(asked, admission, moment);
    return { ...answered, admission };
  }

  return {
    settings,
    begin(nowUs) {
      beganUs = nowUs;
    },
    receive(request, nowUs) {
      beganUs ??= nowUs;
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
        sight: sightOf(request, asked, answered, hashKey, nowUs),
      };
    },
    finish: meter.finish,
    buckets: (nowUs) =>
      [...meter.buckets()].map(({ label, bound, state }) => {
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
    ...retryAfter?.headers,
  };
}

function later(content: Content, delayUs: number): Content {
  if (delayUs === 0) return content;
  const frames = content.frames.map((frame) => ({ ...frame, afterUs: frame.afterUs + delayUs }));
  return { ...content, headAfterUs: content.headAfterUs + delayUs, frames };
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
