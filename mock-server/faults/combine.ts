import { type Fault, type FaultEffect, replacesAnswer } from './fault.ts';

/** What an effect decides: at most one effect of each of these applies to a request; delays add up. */
type Part = 'reply' | 'delay' | 'body' | 'type';

function partOf(effect: FaultEffect): Part {
  if (replacesAnswer(effect)) return 'reply';
  if (effect.kind === 'slow' || effect.kind === 'slow-body') return 'delay';
  return effect.kind === 'content-type' ? 'type' : 'body';
}

/** Effects on an answer that an error does not have: a stream, or its success. */
const ONLY_ON_ANSWERS: ReadonlySet<FaultEffect['kind']> = new Set([
  'missing-end',
  'error-event',
  'malformed-event',
  'error-in-200',
]);

/** Whether an effect still shows on a request whose answer `replacing` replaces. */
function showsOn(effect: FaultEffect, replacing: FaultEffect): boolean {
  const isSilent = replacing.kind === 'reset' || replacing.kind === 'hang';
  return isSilent ? effect.kind === 'slow' : !ONLY_ON_ANSWERS.has(effect.kind);
}

/**
 * Returns which of the effects that hit one request apply to it: the first that replaces the answer, the first that damages its
 * body, the first type, and all delays; on an error only what an error can have, and on silence only its delay.
 */
export function combine(hits: readonly FaultEffect[]): readonly FaultEffect[] {
  if (hits.length < 2) return hits;
  const replacing = hits.find(replacesAnswer);
  const seen = new Set<Part>();
  return hits.filter((effect) => {
    const part = partOf(effect);
    if (replacing && part !== 'reply' && !showsOn(effect, replacing)) return false;
    if (part === 'delay') return true;
    if (seen.has(part)) return false;
    seen.add(part);
    return true;
  });
}

/** A fault that never shows, because another hits every request that it could hit. */
interface HiddenFault {
  readonly index: number;
  readonly by: number;
}

/** Finds the faults of a list that another one always hides. */
export function findHidden(faults: readonly Fault[]): HiddenFault[] {
  return faults.flatMap((fault, index) => {
    const by = faults.findIndex((other, at) => at !== index && alwaysHides(other, fault, at < index));
    return by < 0 ? [] : [{ index, by }];
  });
}

function alwaysHides(one: Fault, other: Fault, isEarlier: boolean): boolean {
  const hitsAll = one.first === undefined && one.every === undefined && (one.share ?? 1) === 1;
  if (!hitsAll || one.fromUs > other.fromUs || one.untilUs < other.untilUs || !isWider(one, other)) return false;
  const part = partOf(other.does);
  if (partOf(one.does) === part) return isEarlier && part !== 'delay';
  return replacesAnswer(one.does) && !showsOn(other.does, one.does);
}

/** Whether `one` matches every request that `other` matches. */
function isWider(one: Fault, other: Fault): boolean {
  return Object.entries(one.match ?? {}).every(
    ([key, value]) => other.match?.[key as keyof typeof one.match] === value,
  );
}
