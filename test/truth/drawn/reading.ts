import type { Reading } from './client-value.ts';

/** The headers of a refusal that request a wait, and `RetryInfo` of Gemini, as text. */
export interface WaitText {
  readonly retryAfter?: string | undefined;
  readonly retryAfterMs?: string | undefined;
  readonly retryInfo?: string | undefined;
  /** The provider's `date`. */
  readonly date?: string | undefined;
}

/**
 * The wait that a reader takes from a refusal, in milliseconds from its arrival at `nowMs`; undefined if it reads none and waits
 * as it would have without. A careless reader may get NaN, as its code would.
 */
export function readWaitMs(reading: Reading, text: WaitText, nowMs: number): number | undefined {
  if (reading === 'ignored') return undefined;
  const { retryAfterMs } = text;
  if (retryAfterMs !== undefined && /^\d+$/.test(retryAfterMs))
    return Number(retryAfterMs) * (reading === 'milliseconds-as-seconds' ? 1000 : 1);
  const raw = text.retryAfter ?? text.retryInfo;
  if (raw === undefined) return undefined;
  switch (reading) {
    case 'leading-digits':
      return positive(Number.parseInt(raw, 10) * 1000);
    case 'number-as-milliseconds':
      return positive(Number.parseFloat(raw));
    case 'sign-lost':
      return positive(Number.parseFloat(raw.replace(/^[-+]/, '')) * 1000) ?? dateWaitMs(raw, dateOf(text, nowMs));
    case 'date-as-number':
      // Number('Tue, …') is NaN, and a timer of NaN milliseconds fires at once.
      return Number(raw.replace(/s$/, '')) * 1000;
    case 'own-clock':
      return seconds(raw, 'exact') ?? dateWaitMs(raw, nowMs);
    case 'strict':
      return seconds(raw, text.retryAfter === undefined ? 'exact' : 'strict') ?? dateWaitMs(raw, dateOf(text, nowMs));
    case 'exact':
    case 'milliseconds-as-seconds':
      return seconds(raw, 'exact') ?? dateWaitMs(raw, dateOf(text, nowMs));
  }
}

/** What the sender meant, in milliseconds; undefined for text without a meaning, and where no wait is requested. */
export function meantWaitMs(text: WaitText, nowMs: number): number | undefined {
  return readWaitMs('exact', text, nowMs);
}

function seconds(raw: string, how: 'exact' | 'strict'): number | undefined {
  const number = how === 'strict' ? /^\d+$/ : /^\+?\d+(\.\d+)?s?$/;
  return number.test(raw.trim()) ? positive(Number.parseFloat(raw) * 1000) : undefined;
}

function dateWaitMs(raw: string, fromMs: number): number | undefined {
  if (!/^[A-Z][a-z]{2}, .*GMT$/.test(raw.trim())) return undefined;
  return positive(Date.parse(raw) - fromMs);
}

function dateOf({ date }: WaitText, nowMs: number): number {
  return date === undefined ? nowMs : Date.parse(date);
}

function positive(ms: number): number | undefined {
  return ms > 0 ? ms : undefined;
}
