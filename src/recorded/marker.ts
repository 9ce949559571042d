import { parseBody } from '../../mock-server/dialects/body.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { RecordedEntry } from './entry.ts';
import { at } from './json-value.ts';

/** Where requests carry what is the same in all of one call: a header, or a field of the body. */
export interface MarkerPlace {
  readonly in: 'header' | 'body';
  readonly name: string;
}

/** `header:x-request-group`, `body:metadata.call_id`. Throws `recording/bad-marker`. */
export function readMarkerPlace(text: string): MarkerPlace {
  const [, place, name] = /^(header|body):(\S+)$/.exec(text.trim()) ?? [];
  if (place !== undefined && name !== undefined) {
    return place === 'header' ? { in: 'header', name: name.toLowerCase() } : { in: 'body', name };
  }
  const problems = [{ path: '--marker', message: `must be header:NAME or body:PATH, not "${text}"` }];
  throw new QuotaLabError('recording/bad-marker', 'there is no such place for a marker', { problems });
}

export function markerIn(entry: RecordedEntry, place: MarkerPlace): string | undefined {
  if (place.in === 'header') return entry.requestHeaders?.[place.name];
  const value = entry.requestBody === undefined ? undefined : at(parseBody(entry.requestBody), place.name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
