import { DEFECT_NOUNS } from '../../../mock-server/ending.ts';
import { endingOf } from './attempts.ts';
import type { Attempt } from './run-view.ts';

/** Describes how an attempt ended as a noun phrase, with its figures: `429 rate_limit_exceeded`, `a stream cut after 40 characters`. */
export function describeEnding(attempt: Attempt): string {
  const { status, defect, outcome } = attempt;
  const { kind, code, chars, source } = endingOf(attempt);
  if (kind === 'broken' || kind === 'abandoned' || kind === 'open') return describeCut(attempt);
  const named = code === undefined ? '' : ` (${code})`;
  if (source === 'event')
    return `${DEFECT_NOUNS['error-event']}${named}${chars === 0 ? '' : ` after ${chars} characters`}`;
  if (defect === undefined || outcome !== 'response') return code === undefined ? String(status) : `${status} ${code}`;
  return `${DEFECT_NOUNS[defect]}${named}`;
}

function describeCut(attempt: Attempt): string {
  const { kind, place, chars } = endingOf(attempt);
  const isOwn = kind !== 'broken';
  if (kind === 'open') return 'no reply';
  if (place === 'before-head') return isOwn ? 'no reply in time' : 'a reset';
  if (chars === undefined) return isOwn ? 'a reply that the client closed' : 'a reply that broke off';
  const reply = attempt.stream ? 'a stream' : 'a reply';
  const cut = isOwn ? 'that the client closed' : 'cut';
  return chars === 0 ? `${reply} ${cut} before its first text` : `${reply} ${cut} after ${chars} characters`;
}
