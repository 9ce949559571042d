import { everySecond, type FaultInput, oneAfterTheOther, openFor } from '../parts.ts';
import type { CheckRow, SituationParts } from '../row.ts';

const STREAM = { match: { stream: true } } as const;
const CALL = { stream: true, maxTokens: 60 } as const;
const FEW: Partial<SituationParts> = { load: oneAfterTheOther(3) };

function streamParts(...faults: readonly FaultInput[]): SituationParts {
  return {
    provider: { faults: everySecond(...faults), answerTokens: 60, latency: { firstToken: '200ms', perToken: '10ms' } },
    call: CALL,
    load: oneAfterTheOther(),
  };
}

/** Streams that break. A client that asks for none is not judged by them. */
export const STREAM_ROWS: readonly CheckRow[] = [
  {
    id: 'stream-cut',
    situation: 'given a stream that is cut off after two thirds',
    passes: 'Start over or report an error; never return the cut text as an answer, nor twice.',
    parts: streamParts({ kind: 'truncate', after: 40, ...STREAM }),
    verdicts: { 'swallows-rejection': {}, 'replays-partial-stream': {} },
    arises: { fault: 'truncate', stream: true },
    inRealTime: FEW,
  },
  {
    id: 'stream-silent',
    situation: 'given a stream that falls silent after a third',
    passes: 'Set a limit on the time without a token, and report an error when it has passed.',
    parts: {
      ...streamParts({ kind: 'stall', after: 20, ...STREAM }),
      load: openFor(4, '35m'),
      thresholds: { call_duration: ['max<300s'], calls_unfinished: ['count==0'] },
    },
    verdicts: { 'no-deadline': {}, 'swallows-rejection': {}, 'replays-partial-stream': {} },
    arises: { fault: 'stall', stream: true },
    inRealTime: 'waiting for a deadline takes too long in real time',
  },
  {
    id: 'stream-error-event',
    situation: 'given an error event in the middle of a stream',
    passes: 'Treat an error event as a failed attempt; never return the text before it as an answer, nor twice.',
    parts: streamParts(
      { kind: 'error-event', after: 20, code: 'server_is_overloaded', ...STREAM },
      { kind: 'error-event', after: 20, code: 'rate_limit_exceeded', ...STREAM },
    ),
    verdicts: { 'swallows-rejection': {}, 'replays-partial-stream': {} },
    arises: { fault: 'error-event', stream: true },
    inRealTime: FEW,
  },
  {
    id: 'stream-broken-json',
    situation: 'given a stream whose tenth event is no JSON',
    passes: 'Report an error, or start over.',
    parts: streamParts({ kind: 'malformed-event', after: 9, ...STREAM }),
    verdicts: { 'swallows-rejection': {} },
    arises: { fault: 'malformed-event', stream: true },
    inRealTime: FEW,
  },
  {
    id: 'stream-without-end',
    situation: 'given a whole stream without its last event',
    passes: 'Finish when the connection ends, and soon.',
    parts: {
      ...streamParts({ kind: 'missing-end', ...STREAM }),
      thresholds: { call_duration: ['max<8s'] },
    },
    verdicts: {},
    arises: { fault: 'missing-end', stream: true },
    inRealTime: FEW,
  },
];
