import { delayed, type Frame, type Reply } from '../reply.ts';
import type { FaultEffect } from './fault.ts';

/** The part of an answer that a fault can damage. */
export interface Damageable {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  /** An error inside the body, after so many frames, as this stream words it; absent for answers in one piece. */
  readonly lateError?: (after: number, code: string) => string;
}

/** A whole error, for an answer in one piece. */
export type WholeError = () => { readonly bytes: string };

/** An answer as a fault leaves it, and how its reply ends. */
export function damage<Content extends Damageable>(
  content: Content,
  effect: FaultEffect,
  wholeError: WholeError,
): { content: Content; ending: Reply['ending'] } {
  const { frames } = content;
  switch (effect.kind) {
    case 'slow':
      return whole({
        ...content,
        headAfterUs: content.headAfterUs + effect.byUs,
        frames: delayed(frames, effect.byUs),
      });
    case 'truncate':
      return { content: { ...content, frames: kept(frames, effect.after) }, ending: 'truncate' };
    case 'quiet-end':
      return whole({ ...content, frames: kept(frames, effect.after) });
    case 'error-event':
      return whole(withLateError(content, effect.after, effect.code, wholeError));
    case 'malformed-json':
      return whole({ ...content, frames: frames.map(({ afterUs, bytes }) => ({ afterUs, bytes: malformed(bytes) })) });
    case 'content-type':
      return whole({ ...content, headers: { ...content.headers, 'content-type': effect.type } });
    case 'error-in-200':
      return whole({ ...inOnePiece(content, wholeError().bytes) });
    default:
      return whole(content);
  }
}

function whole<Content>(content: Content): { content: Content; ending: 'complete' } {
  return { content, ending: 'complete' };
}

/** So many pieces of a stream; of an answer in one piece, half. */
function kept(frames: readonly Frame[], after: number): Frame[] {
  const [only, ...others] = frames;
  if (!only || others.length > 0) return frames.slice(0, Math.min(after, frames.length - 1));
  return [{ afterUs: only.afterUs, bytes: only.bytes.slice(0, Math.floor(only.bytes.length / 2)) }];
}

function withLateError<Content extends Damageable>(
  content: Content,
  after: number,
  code: string,
  wholeError: WholeError,
): Content {
  const { frames, lateError } = content;
  if (!lateError) return inOnePiece(content, wholeError().bytes);
  const before = frames.slice(0, Math.min(after, frames.length - 1));
  const afterUs = before.at(-1)?.afterUs ?? content.headAfterUs;
  return { ...content, frames: [...before, { afterUs, bytes: lateError(before.length, code) }] };
}

function inOnePiece<Content extends Damageable>(content: Content, bytes: string): Content {
  const headers = { ...content.headers, 'content-type': 'application/json' };
  return { ...content, headers, frames: [{ afterUs: content.headAfterUs, bytes }] };
}

/** Loses the last brace of every JSON text: what a proxy that cuts at a buffer's end makes of it. */
function malformed(bytes: string): string {
  return bytes.replace(/\}(\s*)$/, '$1');
}
