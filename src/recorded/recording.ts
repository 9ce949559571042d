import { QuotaLabError } from '../../mock-server/error.ts';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';
import { endOf } from '../attribution/ending.ts';
import type { JournalRecord, Skipped } from '../journal/record.ts';
import { buildJournal, type RecordingInfo } from './build-journal.ts';
import { findSkipReason } from './endpoints.ts';
import type { ParsedEntry, RecordedEntry, RecordingReader } from './entry.ts';
import {
  createReader,
  detectFormat,
  type FormatName,
  type FormatOptions,
  MAX_FIRST_LINE_CHARS,
  MIN_HEAD_CHARS,
  startsLikeHar,
} from './formats.ts';
import { type MarkerPlace, readMarker } from './marker.ts';
import type { Observation } from './observation.ts';
import { type RecordedAttempt, readAttempt } from './recorded-attempt.ts';

export interface RecordingOptions extends FormatOptions, Pick<RecordingInfo, 'tool' | 'file' | 'checks'> {
  /** Hosts to analyze; if empty, those of known APIs. */
  readonly hosts: readonly string[];
  /** Where requests carry a marker that identifies their call, if anywhere. */
  readonly marker?: MarkerPlace | undefined;
  /** Returns a short one-way hash, with a new salt for each analysis. */
  readonly hash: (text: string) => string;
}

/** A parsed recording: a journal to judge, and the facts about limits in each attempt, both in order of start. */
export interface Recording {
  readonly format: FormatName;
  readonly records: readonly JournalRecord[];
  readonly observations: readonly Observation[];
}

/** Parses a recording from chunks of text. */
export interface RecordingParser {
  push(text: string): void;
  /** Throws `recording/no-requests`, with what was skipped and why, if the recording has no requests to analyze. */
  end(): Recording;
}

/** The tag that the runner puts on the requests of its own clients, which a recording of a run has too. */
const RUNNER_TAG: MarkerPlace = { in: 'header', name: CALL_TAG_HEADER };

/** Creates a parser that keeps only the attempts of a recording in memory. Throws `recording/*`, with every problem. */
export function createRecordingParser(options: RecordingOptions): RecordingParser {
  const attempts: RecordedAttempt[] = [];
  const skipped = new Map<string, { count: number; first: string }>();
  let head = '';
  let hasLine = false;
  let format: FormatName | undefined;
  let reader: RecordingReader | undefined;
  let disorder: { count: number; first: string } | undefined;

  function skip(why: string, place: string): void {
    const before = skipped.get(why);
    if (before) before.count++;
    else skipped.set(why, { count: 1, first: place });
  }

  function add(entry: RecordedEntry): void {
    const why = findSkipReason(entry, options.hosts);
    if (why !== undefined) {
      skip(why, entry.place);
      return;
    }
    const marker = readMarker(entry, options.marker ?? RUNNER_TAG);
    const attempt = readAttempt(marker === undefined ? entry : { ...entry, marker }, options.hash);
    // Logs are in order of end, HARs in order of start: an attempt in neither order is out of order.
    const before = attempts.at(-1);
    if (before && attempt.startUs < before.startUs && endOf(attempt) < endOf(before)) {
      disorder = { count: (disorder?.count ?? 0) + 1, first: disorder?.first ?? attempt.place };
    }
    attempts.push(attempt);
  }

  function addAll(entries: readonly ParsedEntry[]): void {
    for (const entry of entries) {
      if ('skipReason' in entry) skip(entry.skipReason, entry.place);
      else add(entry);
    }
  }

  function begin(): RecordingReader {
    format = detectFormat(head, options);
    reader = createReader(format, head, options);
    addAll(reader.push(head));
    head = '';
    return reader;
  }

  return {
    push(text) {
      if (reader) addAll(reader.push(text));
      else {
        head += text;
        hasLine ||= text.includes('\n');
        if (head.length >= (hasLine || startsLikeHar(head) ? MIN_HEAD_CHARS : MAX_FIRST_LINE_CHARS)) begin();
      }
    },
    end() {
      addAll((reader ?? begin()).end());
      const leftOut = [...skipped]
        .map(([why, counted]): Skipped => ({ why, ...counted }))
        .sort((a, b) => b.count - a.count);
      const entries = attempts.length + leftOut.reduce((sum, { count }) => sum + count, 0);
      if (attempts.length === 0) throw noRequestsError(entries, leftOut);
      const sorted = attempts.toSorted((a, b) => a.startUs - b.startUs);
      const notes = [...(disorder ? [describeDisorder(disorder)] : []), ...(FORMAT_NOTES[format!] ?? [])];
      const { tool, file, checks } = options;
      const records = buildJournal(sorted, { tool, file, checks: checks, format: format!, entries, leftOut, notes });
      return { format: format!, records, observations: sorted.map(({ observation }) => observation) };
    },
  };
}

/** Notes that apply to every recording of a format. */
const FORMAT_NOTES: Partial<Readonly<Record<FormatName, readonly string[]>>> = {
  litellm: ['LiteLLM logs its own attempts only, not the retries of the SDK below it (max_retries).'],
};

function describeDisorder({ count, first }: { readonly count: number; readonly first: string }): string {
  const requests = count === 1 ? '1 request was' : `${count} requests were`;
  return `${requests} out of order (first: ${first}) and sorted by start; if a clock was set back, waits across that time are wrong.`;
}

function noRequestsError(entries: number, leftOut: readonly Skipped[]): QuotaLabError {
  const problems = leftOut.slice(0, 20).map(({ why, count, first }) => ({
    path: '',
    message: `${count} skipped: ${why} (first: ${first})`,
    ...(why.startsWith('host ') && { hint: `include them with --host ${why.slice(5)}` }),
  }));
  const message =
    entries === 0
      ? 'the recording has no requests'
      : entries === 1
        ? 'the only entry is not a request to a model'
        : `0 of ${entries} entries are requests to a model`;
  return new QuotaLabError('recording/no-requests', message, { problems });
}
