import type { Says } from '../admission/limit.ts';

/** Which requests a fault may hit; what is left out matches all. Texts match where they are contained. */
export interface FaultMatch {
  readonly endpoint?: string;
  readonly model?: string;
  readonly stream?: boolean;
  /** In the text of the prompt. */
  readonly text?: string;
  readonly userAgent?: string;
}

/**
 * What goes wrong. The first four happen in place of an answer and are never charged: a status, a refusal (`retryAfter` is
 * sent as it is), a connection that is reset, a server that says nothing. The others happen to an answer that was admitted
 * and charged. `after` counts pieces of the body.
 */
export type FaultEffect =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refuse'; readonly says: Says; readonly retryAfter?: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly byUs: number }
  | { readonly kind: 'truncate'; readonly after: number }
  | { readonly kind: 'quiet-end'; readonly after: number }
  | { readonly kind: 'error-event'; readonly after: number; readonly code: LateCode }
  | { readonly kind: 'malformed-json' }
  | { readonly kind: 'content-type'; readonly type: string }
  | { readonly kind: 'error-in-200' };

/** What an error inside a stream says. */
export type LateCode = 'server_is_overloaded' | 'rate_limit_exceeded';

/** One rule of what goes wrong, when, and to whom. */
export interface Fault {
  /** Microseconds after the provider began; the largest safe integer stands for no end. */
  readonly fromUs: number;
  readonly untilUs: number;
  readonly match?: FaultMatch;
  /** Of the requests that match: so many first ones, every n-th, such a share. Absent: all. */
  readonly first?: number;
  readonly every?: number;
  readonly share?: number;
  readonly does: FaultEffect;
}

/** What a fault is matched against. */
export interface FaultFacts {
  readonly endpoint: string;
  readonly model: string;
  readonly stream: boolean;
  readonly text: string;
  readonly userAgent: string;
}

export interface Faults {
  /** What goes wrong with this request, `sinceUs` after the beginning; the first listed that applies wins. */
  next(facts: FaultFacts, sinceUs: number): FaultEffect | undefined;
}

/**
 * Counts and draws for a list of faults. A draw is made for each request that a share is asked for, and counts go up for
 * each request that matches, whatever the faults before it do, so that one fault never shifts another.
 */
export function createFaults(faults: readonly Fault[], random: () => number): Faults {
  const met = faults.map(() => 0);
  return {
    next(facts, sinceUs) {
      let hit: FaultEffect | undefined;
      for (const [index, fault] of faults.entries()) {
        if (sinceUs < fault.fromUs || sinceUs >= fault.untilUs || !matches(fault.match, facts)) continue;
        met[index]!++;
        if (applies(fault, met[index]!, random)) hit ??= fault.does;
      }
      return hit;
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

/** Whether this happens in place of an answer, before any limit is asked. */
export function isInstead(
  effect: FaultEffect,
): effect is Extract<FaultEffect, { kind: 'status' | 'refuse' | 'reset' | 'hang' }> {
  return ['status', 'refuse', 'reset', 'hang'].includes(effect.kind);
}
