import type { Unit } from '../admission/limit.ts';
import type { StatedLimit } from './reader.ts';
import { parseTimeAsWait, parseWait, type Range } from './stated-wait.ts';

/** Three headers of one limit, and the unit that it counts. */
export interface HeaderTriple {
  readonly unit: Unit;
  readonly label?: string;
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** Largest rounding error of `remaining`. */
  readonly rounding: number;
}

/** Reads triples of limit headers at `atUs`. Limits with invalid figures (−1) are skipped. */
export function readTriples(
  triples: readonly HeaderTriple[],
  headers: Readonly<Record<string, string>>,
  atUs: number,
): readonly StatedLimit[] {
  const limits = triples.flatMap((triple): StatedLimit[] => {
    const limit = parseCount(headers[triple.limit]);
    const remaining = parseCount(headers[triple.remaining]);
    const { unit, label, rounding } = triple;
    if (!limit || remaining === undefined || remaining > limit + rounding) return [];
    const resetUs = parseReset(headers[triple.reset], atUs);
    return [
      {
        unit,
        limit,
        remaining: Math.min(remaining, limit),
        rounding,
        ...(label && { label }),
        ...(resetUs && { resetUs }),
      },
    ];
  });
  return withoutSums(limits);
}

/** Parses a non-negative integer. */
export function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** Anthropic sends the sum of its input and output limits as if it were a third limit. */
function withoutSums(limits: readonly StatedLimit[]): readonly StatedLimit[] {
  const find = (unit: Unit): StatedLimit | undefined => limits.find((limit) => limit.unit === unit);
  const [input, output, both] = [find('input-tokens'), find('output-tokens'), find('tokens')];
  if (!input || !output || !both || both.limit !== input.limit + output.limit) return limits;
  return limits.filter((limit) => limit !== both);
}

/** Parses a wait, a time, or a Unix time in seconds. */
function parseReset(text: string | undefined, atUs: number): Range | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return parseTimeAsWait(text, atUs);
  const wait = parseWait(text);
  return wait && wait.high > 1e15 ? { low: wait.low - atUs, high: wait.high - atUs } : wait;
}
