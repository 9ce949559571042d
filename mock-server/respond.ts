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
  const fault =
    context.settings.faults.length === 0 ? undefined : faults.next({ ...parsed, model, userAgent }, sinceUs);
  if (fault && replacesAnswer(fault)) return replaceAnswer(fault, dialect, { ...context, subject: parsed.subject });
  const admission = meter.decide(withContentGroup(parts, parsed, context.settings), parsed.cost, context.nowUs);
  if (!admission.admit) return refuse(parts, parsed, admission, context);
  const content = admit(parts, parsed, admission, received);
  if (!fault) return { content, admission };
  return { ...damageAnswer(content, fault, dialect, { ...context, subject: parsed.subject }), admission };
}

/** Damages an answer by a fault that does not replace it. Returns what is sent, how it ends, and what is then wrong with its body. */
export function damageAnswer(
  content: ResponseDraft,
  fault: FaultEffect,
  dialect: Dialect,
  context: FailureContext,
): Required<Pick<DecidedReply, 'content' | 'ending' | 'body' | 'fault'>> {
  const wholeError = () => dialect.fail({ status: 500 }, context).frames[0]!;
  const hasText = (frame: Frame) => streamedChars([frame], dialect.reader) > 0;
  const damaged = applyFault(content, fault, wholeError, hasText);
  return { ...damaged, body: inspectDamage(damaged, fault), fault: fault.kind };
}

/** Finds what a fault made of a body, from what is sent: a fault may leave it as it was, such as one after its end. */
function inspectDamage(
  { content, ending }: { readonly content: ResponseDraft; readonly ending: Reply['ending'] },
  { kind }: FaultEffect,
): BodyFacts {
  if (kind === 'slow' || kind === 'slow-body') return {};
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

/** Returns the reply of a fault that replaces the answer. It is never charged. */
function replaceAnswer(
  fault: ReplacingFault,
  dialect: Dialect,
  context: RequestContext & FailureContext,
): DecidedReply {
  const { kind } = fault;
  if (kind === 'refuse' && fault.retryAfter !== undefined) {
    const wait = faultWait(fault.retryAfter);
    const retryAfter = dialect.retryAfterHeaders(wait, context.nowUs + context.dateSkewUs);
    return { content: dialect.fail({ ...fault, wait }, context), retryAfter, fault: kind };
  }
  if (kind === 'status' || kind === 'refuse') return { content: dialect.fail(fault, context), fault: kind };
  const byUs = kind === 'hang' ? fault.byUs : 0;
  const nothing: ResponseDraft = { status: 0, headers: {}, headAfterUs: byUs ?? 0, frames: [] };
  return { content: nothing, ending: byUs === undefined ? 'stall' : 'reset', fault: kind };
}

/** Whole seconds take the form of the dialect; any other text is sent as it is. */
export function faultWait(retryAfter: string): RequestedWait {
  return /^[1-9]\d*$/.test(retryAfter)
    ? { in: 'seconds', waitUs: Number(retryAfter) * 1e6 }
    : { in: 'literal', text: retryAfter };
}

function delayContent(content: ResponseDraft, delayUs: number): ResponseDraft {
  if (delayUs === 0) return content;
  return { ...content, headAfterUs: content.headAfterUs + delayUs, frames: delayFrames(content.frames, delayUs) };
}
