import { delayFrames, type Frame, type Reply } from '../reply.ts';
import type { FaultEffect, StreamPosition } from './fault.ts';

/** The parts of an answer that a fault can damage. */
export interface Damageable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  /** Creates an error event after `after` frames in the stream's format; absent for answers that are not streamed. */
  readonly lateError?: (after: number, code: string) => string;
  /** Whether the last frame does nothing but end the stream. */
  readonly hasEndEvent?: boolean;
}

/** Creates a complete error body, for answers that are not streamed. */
export type WholeError = () => { readonly text: string };

/** Returns whether a frame of a stream carries answer text. */
export type HasText = (frame: Frame) => boolean;

/** Applies a fault to an answer. Returns the damaged answer and how its reply ends. */
export function applyFault<Content extends Damageable>(
  content: Content,
  effect: FaultEffect,
  wholeError: WholeError,
  hasText: HasText,
): { content: Content; ending: Reply['ending'] } {
  const { frames } = content;
  switch (effect.kind) {
    case 'slow':
      return complete({
        ...content,
        headAfterUs: content.headAfterUs + effect.byUs,
        frames: delayFrames(frames, effect.byUs),
      });
    case 'slow-body':
      return complete({ ...content, frames: delayFrames(frames, effect.byUs) });
    case 'truncate':
      return { content: { ...content, frames: firstFrames(frames, effect.after, hasText) }, ending: 'truncate' };
    case 'stall':
      return stall(content, firstFrames(frames, effect.after, hasText), effect.byUs);
    case 'quiet-end':
      return complete({ ...content, frames: firstFrames(frames, effect.after, hasText) });
    case 'missing-end':
      return complete(content.hasEndEvent ? { ...content, frames: frames.slice(0, -1) } : content);
    case 'error-event':
      return complete(withLateError(content, effect, wholeError, hasText));
    case 'malformed-json':
      return complete({
        ...content,
        frames: frames.map(({ afterUs, text }) => ({ afterUs, text: malformed(text) })),
      });
    case 'malformed-event':
      return complete({ ...content, frames: withMalformedEvent(frames, effect.after, hasText) });
    case 'content-type':
      return complete({ ...content, headers: { ...content.headers, 'content-type': effect.type } });
    case 'error-in-200':
      return complete({ ...asJsonBody(content, wholeError().text) });
    default:
      return complete(content);
  }
}

function complete<Content>(content: Content): { content: Content; ending: 'complete' } {
  return { content, ending: 'complete' };
}

/** Returns the frames of a stream before a position, or half of a body that is not streamed. */
function firstFrames(frames: readonly Frame[], after: StreamPosition, hasText: HasText): Frame[] {
  const [single, ...others] = frames;
  if (!single || others.length > 0) return frames.slice(0, indexOf(after, frames, hasText));
  return [{ afterUs: single.afterUs, text: single.text.slice(0, Math.floor(single.text.length / 2)) }];
}

/** Returns the index of the first frame after a position, at most that of the last frame. */
function indexOf(after: StreamPosition, frames: readonly Frame[], hasText: HasText): number {
  const last = frames.length - 1;
  if (typeof after === 'number') return Math.min(after, last);
  let tokens = 0;
  const next = frames.findIndex((frame) => hasText(frame) && ++tokens > after.tokens);
  return next === -1 ? last : next;
}

/** Sends nothing after the given frames; breaks the connection after `byUs`, if given. */
function stall<Content extends Damageable>(
  content: Content,
  frames: readonly Frame[],
  byUs: number | undefined,
): { content: Content; ending: Reply['ending'] } {
  if (byUs === undefined) return { content: { ...content, frames }, ending: 'stall' };
  const silentUs = frames.at(-1)?.afterUs ?? content.headAfterUs;
  return { content: { ...content, frames: [...frames, { afterUs: silentUs + byUs, text: '' }] }, ending: 'truncate' };
}

/**
 * Inserts a damaged copy of the next event, so that a client that skips it still receives the whole answer. Damages a body
 * that is not streamed.
 */
function withMalformedEvent(frames: readonly Frame[], after: StreamPosition, hasText: HasText): Frame[] {
  if (frames.length < 2) return frames.map(({ afterUs, text }) => ({ afterUs, text: malformed(text) }));
  const index = indexOf(after, frames, hasText);
  const next = frames.slice(index).find(({ text }) => malformed(text) !== text) ?? frames[0]!;
  const { afterUs } = frames[index]!;
  return [...frames.slice(0, index), { afterUs, text: malformed(next.text) }, ...frames.slice(index)];
}

function withLateError<Content extends Damageable>(
  content: Content,
  { after, code }: Extract<FaultEffect, { kind: 'error-event' }>,
  wholeError: WholeError,
  hasText: HasText,
): Content {
  const { frames, lateError } = content;
  if (!lateError) return asJsonBody(content, wholeError().text);
  const before = frames.slice(0, indexOf(after, frames, hasText));
  const afterUs = before.at(-1)?.afterUs ?? content.headAfterUs;
  return { ...content, frames: [...before, { afterUs, text: lateError(before.length, code) }] };
}

function asJsonBody<Content extends Damageable>(content: Content, text: string): Content {
  const headers = { ...content.headers, 'content-type': 'application/json' };
  return { ...content, headers, frames: [{ afterUs: content.headAfterUs, text }] };
}

/** Removes the last brace of a JSON text, as a proxy that truncates at the end of a buffer does. */
function malformed(text: string): string {
  return text.replace(/\}(\s*)$/, '$1');
}
