import type { Attempt } from '../run/run-view.ts';

/** The form of a Retry-After value (`backoff.md` 3.3). `past date` and `zero` are valid and request no wait. */
export type RetryAfterForm =
  | 'whole seconds'
  | 'fraction'
  | 'date'
  | 'past date'
  | 'zero'
  | 'negative'
  | 'duration'
  | 'text';

/** The form of an attempt's Retry-After: `0` is `zero`, `-1` `negative`, `6m0s` a `duration`, `soon` a `text`. */
export function retryAfterForm({ retryAfterRaw = '', retryAfterUs }: Attempt): RetryAfterForm {
  const raw = retryAfterRaw.trim();
  if (/^0+(\.0+)?$/.test(raw)) return 'zero';
  if (/^\d+$/.test(raw)) return 'whole seconds';
  if (/^\d+\.\d+$/.test(raw)) return 'fraction';
  if (/^-\d/.test(raw)) return 'negative';
  if (/^(\d+(\.\d+)?(ms|us|s|m|h|d))+$/.test(raw)) return 'duration';
  if (/^[A-Z][a-z]{2},? .*GMT$/.test(raw) && retryAfterUs !== undefined) return retryAfterUs > 0 ? 'date' : 'past date';
  return 'text';
}

/** Whether the form requests a wait that a client must obey. */
export function isLegal(form: RetryAfterForm): boolean {
  return form === 'whole seconds' || form === 'fraction' || form === 'date' || form === 'zero';
}
