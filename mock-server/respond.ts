import type { Admission } from './admission/admission.ts';
import type { Subject } from './admission/limit.ts';
import type { Asked, Content, Dialect, Moment, Wrong } from './dialects/dialect.ts';
import { streamedChars } from './dialects/streamed-chars.ts';
import { damage } from './faults/damage.ts';
import { type FaultEffect, type Faults, isInstead } from './faults/fault.ts';
import { actualCost, type Meter } from './meter.ts';
import type { Answered } from './provider-view.ts';
import { delayed } from './reply.ts';
import type { ProviderSettings } from './settings.ts';
import type { NearDuplicates } from './similarity/near-duplicates.ts';
import { simHash } from './similarity/simhash.ts';

/** The parts of a provider that decide. */
export interface Deciders {
  readonly dialect: Dialect;
  readonly meter: Meter;
  readonly faults: Faults;
  readonly groups: NearDuplicates;
}

/** One request as its dialect has read it. */
export interface Received {
  readonly asked: Asked | Wrong;
  readonly moment: Moment;
  readonly id: number;
  /** Microseconds since the provider began, which faults count from. */
  readonly sinceUs: number;
}

/** What becomes of a request: wrong in itself, hit by a fault, refused by a limit, or answered, perhaps damaged. */
export function respond(deciders: Deciders, received: Received): Answered {
  const { asked, moment, sinceUs } = received;
  if ('wrong' in asked) return { content: asked.wrong };
  if (asked.cost === null) return { content: asked.answer(moment) };
  const { dialect, meter, faults } = deciders;
  const { userAgent, model } = asked.subject;
  const fault = moment.settings.faults.length === 0 ? undefined : faults.next({ ...asked, model, userAgent }, sinceUs);
  if (fault && isInstead(fault)) return insteadOf(fault, dialect, moment);
  const admission = meter.decide(subjectOf(deciders, asked, moment.settings), asked.cost, moment.nowUs);
  if (!admission.admit) return refuse(deciders, asked, admission, moment);
  const content = admit(deciders, asked, admission, received);
  if (!fault) return { content, admission };
  const wholeError = () => dialect.trouble({ status: 500 }, moment).frames[0]!;
  const damaged = damage(content, fault, wholeError);
  const broken = asked.stream && BREAKING.has(fault.kind);
  return {
    ...damaged,
    ...(broken && { sentChars: streamedChars(damaged.content.frames) }),
    admission,
    fault: fault.kind,
  };
}

/** Faults after which a stream has no end. */
const BREAKING: ReadonlySet<FaultEffect['kind']> = new Set(['truncate', 'quiet-end', 'error-event']);

/** The group of texts that a request belongs to is looked up only where a limit asks for it. */
function subjectOf({ groups }: Deciders, { subject, text }: Asked, { limits }: ProviderSettings): Subject {
  const asksContent = limits.some(({ scope }) => scope.includes('content'));
  return asksContent ? { ...subject, content: groups.groupOf(simHash(text)) } : subject;
}

/** Charges an admitted request and answers it; the answer comes later if a limit holds requests back. */
function admit({ dialect, meter }: Deciders, asked: Asked, admission: Admission, { moment, id }: Received): Content {
  const content = later(asked.answer(moment), admission.delayUs);
  const endsUs = moment.nowUs + (content.frames.at(-1)?.afterUs ?? content.headAfterUs);
  const actual = actualCost(dialect, content.promptTokens ?? 0, content.completionTokens ?? 0);
  meter.admit(admission, moment.nowUs, { id, endsUs, actual });
  return content;
}

function refuse({ dialect, meter }: Deciders, asked: Asked, admission: Admission, moment: Moment): Answered {
  const { kind, wait, retryAfter } = meter.refuse(admission, moment.nowUs, moment.dateSkewUs, dialect);
  const refusal = { ...asked, reported: admission.reported!, kind, ...(wait && { wait }) };
  return { content: dialect.refuse(refusal, moment), admission, ...(retryAfter && { retryAfter }) };
}

/** What happens in place of an answer. Nobody is charged for it. */
function insteadOf(
  fault: Extract<FaultEffect, { kind: 'status' | 'refuse' | 'reset' | 'hang' }>,
  dialect: Dialect,
  moment: Moment,
): Answered {
  const { kind } = fault;
  if (kind === 'refuse' && fault.retryAfter !== undefined) {
    const retryAfter = dialect.retryAfterHeaders({ in: 'words', text: fault.retryAfter }, moment.nowUs);
    return { content: dialect.trouble(fault, moment), retryAfter, fault: kind };
  }
  if (kind === 'status' || kind === 'refuse') return { content: dialect.trouble(fault, moment), fault: kind };
  const nothing: Content = { status: 0, headers: {}, headAfterUs: 0, frames: [] };
  return { content: nothing, ending: kind === 'hang' ? 'stall' : 'reset', fault: kind };
}

function later(content: Content, delayUs: number): Content {
  if (delayUs === 0) return content;
  return { ...content, headAfterUs: content.headAfterUs + delayUs, frames: delayed(content.frames, delayUs) };
}
