import type { Attempt } from '../run/run-view.ts';

/** How a Retry-After is written (`backoff.md` 3.3); `past date` and `zero` are legal and ask for no wait. */
export type RetryAfterForm =
  | 'whole seconds'
  | 'fraction'
  | 'date'
  | 'past date'
  | 'zero'
  | 'negative'
  | 'duration'
  | 'text';

/** The form of what an attempt was told. `0` and `-1` are numbers, `6m0s` is a duration, `soon` is a text. */
export function formOf({ retryAfterRaw = '', retryAfterUs }: Attempt): RetryAfterForm {
  const raw = retryAfterRaw.trim();
  if (/^0+(\.0+)?$/.test(raw)) return 'zero';
  if (/^\d+$/.test(raw)) return 'whole seconds';
  if (/^\d+\.\d+$/.test(raw)) return 'fraction';
  if (/^-\d/.test(raw)) return 'negative';
  if (/^(\d+(\.\d+)?(ms|us|s|m|h|d))+$/.test(raw)) return 'duration';
  if (/^[A-Z][a-z]{2},? .*GMT$/.test(raw) && retryAfterUs !== undefined) return retryAfterUs > 0 ? 'date' : 'past date';
  return 'text';
}

/** Whether the form tells a wait that a client has to keep. */
export function isLegal(form: RetryAfterForm): boolean {
  return form === 'whole seconds' || form === 'fraction' || form === 'date' || form === 'zero';
}
