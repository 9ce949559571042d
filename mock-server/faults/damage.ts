import { delayFrames, type Frame, type Reply } from '../reply.ts';
import type { FaultEffect } from './fault.ts';

/** The parts of an answer that a fault can damage. */
export interface Damageable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  /** Creates an error event after `after` frames in the stream's format; absent for answers that are not streamed. */
  readonly lateError?: (after: number, code: string) => string;
}

/** Creates a complete error body, for answers that are not streamed. */
export type WholeError = () => { readonly text: string };

/** Applies a fault to an answer. Returns the damaged answer and how its reply ends. */
export function applyFault<Content extends Damageable>(
  content: Content,
  effect: FaultEffect,
  wholeError: WholeError,
): { content: Content; ending: Reply['ending'] } {
  const { frames } = content;
  switch (effect.kind) {
    case 'slow':
      return complete({
        ...content,
        headAfterUs: content.headAfterUs + effect.byUs,
        frames: delayFrames(frames, effect.byUs),
      });
    case 'truncate':
      return { content: { ...content, frames: firstFrames(frames, effect.after) }, ending: 'truncate' };
    case 'quiet-end':
      return complete({ ...content, frames: firstFrames(frames, effect.after) });
    case 'error-event':
      return complete(withLateError(content, effect.after, effect.code, wholeError));
    case 'malformed-json':
      return complete({
        ...content,
        frames: frames.map(({ afterUs, text }) => ({ afterUs, text: malformed(text) })),
      });
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

/** Returns the first `after` frames of a stream, or half of a body that is not streamed. */
function firstFrames(frames: readonly Frame[], after: number): Frame[] {
  const [single, ...others] = frames;
  if (!single || others.length > 0) return frames.slice(0, Math.min(after, frames.length - 1));
  return [{ afterUs: single.afterUs, text: single.text.slice(0, Math.floor(single.text.length / 2)) }];
}

function withLateError<Content extends Damageable>(
  content: Content,
  after: number,
  code: string,
  wholeError: WholeError,
): Content {
  const { frames, lateError } = content;
  if (!lateError) return asJsonBody(content, wholeError().text);
  const before = frames.slice(0, Math.min(after, frames.length - 1));
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
