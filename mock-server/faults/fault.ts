import type { RefusalReason } from '../admission/limit.ts';

/** Which requests a fault may hit; omitted fields match all. `text` and `userAgent` match as substrings. */
export interface FaultMatch {
  readonly endpoint?: string;
  readonly model?: string;
  readonly stream?: boolean;
  /** Substring of the prompt. */
  readonly text?: string;
  readonly userAgent?: string;
}

/**
 * The effect of a fault. The first four replace the answer and are never charged: an error status, a refusal (`retryAfter` is
 * sent verbatim), a connection reset (`afterUs` after the request), a hang. The others damage an answer that was admitted and charged. After `byUs`, a hang
 * or a stalled stream ends in a broken connection; without it, never.
 */
export type FaultEffect =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refuse'; readonly says: RefusalReason; readonly retryAfter?: string }
  | { readonly kind: 'reset'; readonly afterUs?: number }
  | { readonly kind: 'hang'; readonly byUs?: number }
  | { readonly kind: 'slow'; readonly byUs: number }
  | { readonly kind: 'slow-body'; readonly byUs: number }
  | { readonly kind: 'truncate'; readonly after: StreamPosition }
  | { readonly kind: 'stall'; readonly after: StreamPosition; readonly byUs?: number }
  | { readonly kind: 'quiet-end'; readonly after: StreamPosition }
  | { readonly kind: 'missing-end' }
  | { readonly kind: 'error-event'; readonly after: StreamPosition; readonly code: LateCode }
  | { readonly kind: 'malformed-json' }
  | { readonly kind: 'malformed-event'; readonly after: StreamPosition }
  | { readonly kind: 'content-type'; readonly type: string }
  | { readonly kind: 'error-in-200' };

/** A place in a stream: after a number of frames of the body, or of frames that carry answer text, one token each. */
export type StreamPosition = number | { readonly tokens: number };

/** The error code of an error event in a stream. */
export type LateCode = 'server_is_overloaded' | 'rate_limit_exceeded';

/** One injected fault: its effect, when it is active, and which requests it hits. */
export interface Fault {
  /** Microseconds after the provider started; the largest safe integer means no end. */
  readonly fromUs: number;
  readonly untilUs: number;
  readonly match?: FaultMatch;
  /** Which matching requests to hit: the first n, every n-th, a random share; default: all. */
  readonly first?: number;
  readonly every?: number;
  readonly share?: number;
  readonly does: FaultEffect;
}

/** The request facts that faults match on. */
export interface FaultFacts {
  readonly endpoint: string;
  readonly model: string;
  readonly stream: boolean;
  readonly text: string;
  readonly userAgent: string;
}

export interface Faults {
  /** Returns the effects of all faults that hit the next request, `sinceUs` after the start, in the order of the list. */
  next(facts: FaultFacts, sinceUs: number): readonly FaultEffect[];
}

/**
 * Creates the state of a list of faults. Each fault counts and draws for every request that it matches, whether or not an
 * earlier fault applies, so that one fault never shifts another.
 */
export function createFaults(faults: readonly Fault[], random: () => number): Faults {
  const counts = faults.map(() => 0);
  return {
    next(facts, sinceUs) {
      const hits: FaultEffect[] = [];
      for (const [index, fault] of faults.entries()) {
        if (sinceUs < fault.fromUs || sinceUs >= fault.untilUs || !matches(fault.match, facts)) continue;
        counts[index]!++;
        if (applies(fault, counts[index]!, random)) hits.push(fault.does);
      }
      return hits;
    },
  };
}

function applies({ first, every, share }: Fault, count: number, random: () => number): boolean {
  const drawn = share === undefined || random() < share;
  return drawn && (first === undefined || count <= first) && (every === undefined || count % every === 0);
}

function matches(match: FaultMatch | undefined, facts: FaultFacts): boolean {
  if (!match) return true;
  return (
    (match.endpoint === undefined || match.endpoint === facts.endpoint) &&
    (match.model === undefined || match.model === facts.model) &&
    (match.stream === undefined || match.stream === facts.stream) &&
    (match.text === undefined || facts.text.includes(match.text)) &&
    (match.userAgent === undefined || facts.userAgent.includes(match.userAgent))
  );
}

/** The effects that replace the answer, before limits are checked. */
export type ReplacingFault = Extract<FaultEffect, { kind: 'status' | 'refuse' | 'reset' | 'hang' }>;

/** Returns whether the effect replaces the answer, before limits are checked. */
export function replacesAnswer(effect: FaultEffect): effect is ReplacingFault {
  return ['status', 'refuse', 'reset', 'hang'].includes(effect.kind);
}
