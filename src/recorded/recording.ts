import { QuotaLabError } from '../../mock-server/error.ts';
import { endOf } from '../attribution/ending.ts';
import type { JournalRecord, Skipped } from '../journal/record.ts';
import { leftOutFor } from './endpoints.ts';
import type { Read, RecordedEntry, RecordingReader } from './entry.ts';
import {
  beginsHar,
  detectFormat,
  type FormatName,
  type FormatOptions,
  HEAD_CHARACTERS,
  LONGEST_FIRST_LINE,
  readerOf,
} from './formats.ts';
import { type JournalFrame, journalOf } from './journal-of.ts';
import { type MarkerPlace, markerIn } from './marker.ts';
import type { Observation } from './observation.ts';
import { type Seen, seenIn } from './seen.ts';

export interface RecordingOptions extends FormatOptions, Pick<JournalFrame, 'tool' | 'file' | 'asked'> {
  /** Hosts that are looked at; none: those of known APIs. */
  readonly hosts: readonly string[];
  /** Where a marker of each call stands, if requests carry one. */
  readonly marker?: MarkerPlace | undefined;
  /** A short hash that cannot be undone, salted anew for each analysis. */
  readonly hash: (text: string) => string;
}

/** A recording as QuotaLab reads it: a journal to judge, and what each attempt tells of limits, both in order of start. */
export interface Recording {
  readonly format: FormatName;
  readonly records: readonly JournalRecord[];
  readonly observations: readonly Observation[];
}

/** Takes a recording's text in pieces, as it comes. */
export interface RecordingParser {
  push(text: string): void;
  /** Throws `recording/no-requests` if nothing is left, with what was left out and why. */
  end(): Recording;
}

/** Reads a recording without keeping more of it than its attempts. Throws `recording/*`, with every problem. */
export function createRecording(options: RecordingOptions): RecordingParser {
  const seen: Seen[] = [];
  const left = new Map<string, { count: number; first: string }>();
  let head = '';
  let hasLine = false;
  let format: FormatName | undefined;
  let reader: RecordingReader | undefined;
  let disorder: { count: number; first: string } | undefined;

  function leave(why: string, place: string): void {
    const before = left.get(why);
    if (before) before.count++;
    else left.set(why, { count: 1, first: place });
  }

  function take(entry: RecordedEntry): void {
    const why = leftOutFor(entry, options.hosts);
    if (why !== undefined) {
      leave(why, entry.place);
      return;
    }
    const marker = options.marker && markerIn(entry, options.marker);
    const one = seenIn(marker === undefined ? entry : { ...entry, marker }, options.hash);
    // Logs are written when a request ends, HARs are in order of starts: what is in neither order is out of order.
    const before = seen.at(-1);
    if (before && one.startUs < before.startUs && endOf(one) < endOf(before)) {
      disorder = { count: (disorder?.count ?? 0) + 1, first: disorder?.first ?? one.place };
    }
    seen.push(one);
  }

  function takeAll(reads: readonly Read[]): void {
    for (const read of reads) {
      if ('leftOut' in read) leave(read.leftOut, read.place);
      else take(read);
    }
  }

  function begin(): RecordingReader {
    format = detectFormat(head, options);
    reader = readerOf(format, head, options);
    takeAll(reader.push(head));
    head = '';
    return reader;
  }

  return {
    push(text) {
      if (reader) takeAll(reader.push(text));
      else {
        head += text;
        hasLine ||= text.includes('\n');
        if (head.length >= (hasLine || beginsHar(head) ? HEAD_CHARACTERS : LONGEST_FIRST_LINE)) begin();
      }
    },
    end() {
      takeAll((reader ?? begin()).end());
      const leftOut = [...left].map(([why, one]): Skipped => ({ why, ...one })).sort((a, b) => b.count - a.count);
      const entries = seen.length + leftOut.reduce((sum, { count }) => sum + count, 0);
      if (seen.length === 0) throw nothingLeft(entries, leftOut);
      const sorted = seen.toSorted((a, b) => a.startUs - b.startUs);
      const notes = [...(disorder ? [disorderNote(disorder)] : []), ...(NOTES[format!] ?? [])];
      const { tool, file, asked } = options;
      const records = journalOf(sorted, { tool, file, asked, format: format!, entries, leftOut, notes });
      return { format: format!, records, observations: sorted.map(({ observation }) => observation) };
    },
  };
}

/** What is true of every recording of a format. */
const NOTES: Partial<Readonly<Record<FormatName, readonly string[]>>> = {
  litellm: ['LiteLLM logs its own attempts: what the SDK below it tried again (max_retries) cannot be seen.'],
};

function disorderNote({ count, first }: { readonly count: number; readonly first: string }): string {
  const requests = count === 1 ? '1 request stands' : `${count} requests stand`;
  return `${requests} after one that began later (first: ${first}): they were sorted by their start; if a clock went back, waits across that moment are wrong.`;
}

function nothingLeft(entries: number, leftOut: readonly Skipped[]): QuotaLabError {
  const problems = leftOut.slice(0, 20).map(({ why, count, first }) => ({
    path: '',
    message: `${count} left out: ${why} (first: ${first})`,
    ...(why.startsWith('host ') && { hint: `--host ${why.slice(5)} takes them` }),
  }));
  const message =
    entries === 0
      ? 'the recording holds no requests'
      : entries === 1
        ? 'its one entry is no request to a model'
        : `none of its ${entries} entries is a request to a model`;
  return new QuotaLabError('recording/no-requests', message, { problems });
}
