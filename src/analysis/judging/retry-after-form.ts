import { parseHttpDate } from '../../../mock-server/dialects/http-date.ts';
import type { HintSource } from '../../../mock-server/dialects/wait-hint.ts';

/** The form of a hint (`backoff.md` 3.3). `past date` and `zero` are valid and request no wait. */
export type RetryAfterForm =
  | 'whole seconds'
  | 'milliseconds'
  | 'fraction'
  | 'signed'
  | 'date'
  | 'past date'
  | 'epoch'
  | 'zero'
  | 'negative'
  | 'duration'
  | 'text';

/** From this number of seconds on, a number is a time since the Unix epoch. */
const EPOCH_S = 1e9;

/** The form of a hint that means a wait of `meantUs`: `0` is `zero`, `-1` `negative`, `6m0s` a `duration`, `soon` a `text`. */
export function retryAfterForm(source: HintSource, text: string, meantUs: number | undefined): RetryAfterForm {
  const raw = source === 'retry-info' ? text.trim().replace(/^([+-]?\d+(?:\.\d+)?)s$/, '$1') : text.trim();
  if (/^0+(\.0+)?$/.test(raw)) return 'zero';
  if (/^-\d/.test(raw)) return 'negative';
  if (/^\+?\d+(\.\d+)?$/.test(raw)) return numberForm(source, raw);
  if (meantUs === undefined) return 'text';
  if (/^(\d+(\.\d+)?(ms|us|s|m|h|d))+$/.test(raw)) return 'duration';
  if (parseHttpDate(raw) !== undefined || /^\d{4}-\d\d-\d\dT/.test(raw)) return meantUs > 0 ? 'date' : 'past date';
  return 'text';
}

function numberForm(source: HintSource, raw: string): RetryAfterForm {
  if (source === 'retry-after-ms') return 'milliseconds';
  if (Number(raw) >= EPOCH_S) return 'epoch';
  if (raw.startsWith('+')) return 'signed';
  return raw.includes('.') ? 'fraction' : 'whole seconds';
}

const OBEYED: ReadonlySet<RetryAfterForm> = new Set([
  'whole seconds',
  'milliseconds',
  'fraction',
  'signed',
  'duration',
  'date',
  'zero',
]);

/** Whether the form requests a wait that a strict or lenient reader finds, so that a client must obey it. */
export function isLegal(form: RetryAfterForm): boolean {
  return OBEYED.has(form);
}
