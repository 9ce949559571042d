import { parseBody } from '../../mock-server/dialects/body.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { RecordedEntry } from './entry.ts';
import { getPath } from './get-path.ts';

/** Where requests have the marker of their call: in a header or in a field of the body. */
export interface MarkerPlace {
  readonly in: 'header' | 'body';
  readonly name: string;
}

/** Parses `header:x-request-group` or `body:metadata.call_id`. Throws `recording/bad-marker`. */
export function parseMarkerPlace(text: string): MarkerPlace {
  const [, place, name] = /^(header|body):(\S+)$/.exec(text.trim()) ?? [];
  if (place !== undefined && name !== undefined) {
    return place === 'header' ? { in: 'header', name: name.toLowerCase() } : { in: 'body', name };
  }
  const problems = [{ path: '--marker', message: `must be header:NAME or body:PATH, not "${text}"` }];
  throw new QuotaLabError('recording/bad-marker', 'invalid marker', { problems });
}

export function readMarker(entry: RecordedEntry, place: MarkerPlace): string | undefined {
  if (place.in === 'header') return entry.requestHeaders?.[place.name];
  const value = entry.requestBody === undefined ? undefined : getPath(parseBody(entry.requestBody), place.name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
