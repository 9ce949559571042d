import type { Admission } from './admission/admission.ts';
import type { Subject } from './admission/limit.ts';
import type { RequestedWait } from './admission/retry-after.ts';
import type {
  Dialect,
  FailureContext,
  InvalidRequest,
  ParsedRequest,
  RequestContext,
  ResponseDraft,
} from './dialects/dialect.ts';
import { type BodyFacts, inspectBody } from './dialects/inspect-body.ts';
import { streamedChars } from './dialects/streamed-chars.ts';
import { combine } from './faults/combine.ts';
import { applyFault } from './faults/damage.ts';
import { type FaultEffect, type Faults, type ReplacingFault, replacesAnswer } from './faults/fault.ts';
import { actualCost, type Meter } from './meter.ts';
import type { DecidedReply } from './provider-view.ts';
import { delayFrames, type Frame, type Reply } from './reply.ts';
import type { ReplySettings } from './reply-settings.ts';
import type { NearDuplicates } from './similarity/near-duplicates.ts';
import { simHash } from './similarity/simhash.ts';

/** The parts of a provider that decide on a request. */
export interface ProviderParts {
  readonly dialect: Dialect;
  readonly meter: Meter;
  readonly faults: Faults;
  readonly groups: NearDuplicates;
}

/** A request parsed by its dialect. */
export interface ReceivedRequest {
  readonly parsed: ParsedRequest | InvalidRequest;
  readonly context: RequestContext;
  readonly id: number;
  /** Microseconds since the provider started; faults count from there. */
  readonly sinceUs: number;
}

/** Decides the reply: an error for an invalid request, a fault, a refusal, or an answer, possibly damaged by a fault. */
export function respond(parts: ProviderParts, received: ReceivedRequest): DecidedReply {
  const { parsed, context, sinceUs } = received;
  if ('response' in parsed) return { content: parsed.response };
  if (parsed.cost === null) return { content: parsed.answer(context) };
  const { dialect, meter, faults } = parts;
  const { userAgent, model } = parsed.subject;
  const hits = context.settings.faults.length === 0 ? [] : faults.next({ ...parsed, model, userAgent }, sinceUs);
  const effects = combine(hits);
  const replacing = effects.find(replacesAnswer);
  if (replacing) return replaceAnswer(replacing, effects, dialect, { ...context, subject: parsed.subject });
  const admission = meter.decide(withContentGroup(parts, parsed, context.settings), parsed.cost, context.nowUs);
  if (!admission.admit) return refuse(parts, parsed, admission, context);
  const content = admit(parts, parsed, admission, received);
  if (effects.length === 0) return { content, admission };
  return { ...damageAnswer(content, effects, dialect, { ...context, subject: parsed.subject }), admission };
}

/**
 * Damages an answer by faults that do not replace it. Returns what is sent, how it ends, and what is then wrong with its body.
 */
export function damageAnswer(
  content: ResponseDraft,
  effects: readonly FaultEffect[],
  dialect: Dialect,
  context: FailureContext,
): Required<Pick<DecidedReply, 'content' | 'ending' | 'body' | 'fault'>> {
  const damaged = applyAll(content, effects, dialect, context);
  return { ...damaged, body: inspectDamage(damaged, effects), fault: kindsOf(effects) };
}

/** Applies effects in order; of several endings, the last one counts. */
function applyAll(
  content: ResponseDraft,
  effects: readonly FaultEffect[],
  dialect: Dialect,
  context: FailureContext,
): Required<Pick<DecidedReply, 'content' | 'ending'>> {
  const wholeError = () => dialect.fail({ status: 500 }, context).frames[0]!;
  const hasText = (frame: Frame) => streamedChars([frame], dialect.reader) > 0;
  let damaged: Required<Pick<DecidedReply, 'content' | 'ending'>> = { content, ending: 'complete' };
  for (const effect of effects) {
    const { content: next, ending } = applyFault(damaged.content, effect, wholeError, hasText);
    damaged = { content: next, ending: ending === 'complete' ? damaged.ending : ending };
  }
  return damaged;
}

/** The kinds of the faults that made a reply what it is: `status`, or `status+slow`. */
function kindsOf(effects: readonly FaultEffect[]): string {
  const kinds = [...effects.filter(replacesAnswer), ...effects].map(({ kind }) => kind);
  return [...new Set(kinds)].join('+');
}

/** Finds what a fault made of a body, from what is sent: a fault may leave it as it was, such as one after its end. */
function inspectDamage(
  { content, ending }: { readonly content: ResponseDraft; readonly ending: Reply['ending'] },
  effects: readonly FaultEffect[],
): BodyFacts {
  if (effects.every(({ kind }) => kind === 'slow' || kind === 'slow-body')) return {};
  const isWhole = ending === 'complete';
  const facts = inspectBody({
    text: content.frames.map(({ text }) => text).join(''),
    contentType: content.headers['content-type'],
    isWhole,
  });
  return facts.defect !== undefined || !isWhole ? { sentChars: 0, ...facts } : facts;
}

/** Adds the group of near-duplicate prompts to the subject, only if a limit is scoped by content. */
function withContentGroup(
  { groups }: ProviderParts,
  { subject, text }: ParsedRequest,
  { limits }: ReplySettings,
): Subject {
  const needsContent = limits.some(({ scope }) => scope.includes('content'));
  return needsContent ? { ...subject, content: groups.groupOf(simHash(text)) } : subject;
}

/** Charges an admitted request and returns its answer, delayed if a limit delays the request. */
function admit(
  { dialect, meter }: ProviderParts,
  parsed: ParsedRequest,
  admission: Admission,
  { context, id }: ReceivedRequest,
): ResponseDraft {
  const content = delayContent(parsed.answer(context), admission.delayUs);
  const endsUs = context.nowUs + (content.frames.at(-1)?.afterUs ?? content.headAfterUs);
  const actual = actualCost(dialect, content.promptTokens ?? 0, content.completionTokens ?? 0);
  meter.admit(admission, context.nowUs, { id, endsUs, actual });
  return content;
}

function refuse(
  { dialect, meter }: ProviderParts,
  parsed: ParsedRequest,
  admission: Admission,
  context: RequestContext,
): DecidedReply {
  const { kind, wait, retryAfter } = meter.refuse(admission, context.nowUs, context.dateSkewUs, dialect);
  const refusal = { ...parsed, reported: admission.reported!, kind, ...(wait && { wait }) };
  return { content: dialect.refuse(refusal, context), admission, ...(retryAfter && { retryAfter }) };
}

/** Returns the reply of faults of which one replaces the answer. It is never charged. */
export function replaceAnswer(
  replacing: ReplacingFault,
  effects: readonly FaultEffect[],
  dialect: Dialect,
  context: Pick<RequestContext, 'nowUs' | 'dateSkewUs'> & FailureContext,
): DecidedReply {
  const fault = kindsOf(effects);
  const others = effects.filter((effect) => effect !== replacing);
  if (replacing.kind === 'reset' || replacing.kind === 'hang') {
    const delayUs = delayOf(others);
    const nothing: ResponseDraft = { status: 0, headers: {}, headAfterUs: 0, frames: [] };
    const endsUs = silenceUs(replacing);
    const content = { ...nothing, headAfterUs: (endsUs ?? 0) + delayUs };
    return { content, ending: endsUs === undefined ? 'stall' : 'reset', fault };
  }
  const wait =
    replacing.kind === 'refuse' && replacing.retryAfter !== undefined ? faultWait(replacing.retryAfter) : null;
  const failed = dialect.fail(wait ? { ...replacing, wait } : replacing, context);
  const { content, ending } = applyAll(failed, others, dialect, context);
  const retryAfter = wait && dialect.retryAfterHeaders(wait, context.nowUs + context.dateSkewUs);
  return { content, fault, ...(ending !== 'complete' && { ending }), ...(retryAfter && { retryAfter }) };
}

/** How long a connection stays silent before it breaks; undefined for ever. */
function silenceUs(fault: Extract<ReplacingFault, { kind: 'reset' | 'hang' }>): number | undefined {
  return fault.kind === 'reset' ? (fault.afterUs ?? 0) : fault.byUs;
}

/** The sum of the delays of whole replies. */
export function delayOf(effects: readonly FaultEffect[]): number {
  return effects.reduce((sum, effect) => sum + (effect.kind === 'slow' ? effect.byUs : 0), 0);
}

/** Whole seconds take the form of the dialect; any other text is sent as it is. */
function faultWait(retryAfter: string): RequestedWait {
  return /^[1-9]\d*$/.test(retryAfter)
    ? { in: 'seconds', waitUs: Number(retryAfter) * 1e6 }
    : { in: 'literal', text: retryAfter };
}

function delayContent(content: ResponseDraft, delayUs: number): ResponseDraft {
  if (delayUs === 0) return content;
  return { ...content, headAfterUs: content.headAfterUs + delayUs, frames: delayFrames(content.frames, delayUs) };
}
