import { ALL_ANSWERED, everySecond, FEW_CALLS, oneAfterTheOther, openFor } from '../parts.ts';
import type { CheckRow } from '../row.ts';

/** Connections that break, hang or stall, and answers that are not whole. */
export const CONNECTION_ROWS: readonly CheckRow[] = [
  {
    id: 'reset',
    situation: 'cut off before any reply, once a call',
    passes: 'Try again: no reply had started.',
    parts: { provider: { faults: everySecond({ kind: 'reset' }) }, load: oneAfterTheOther() },
    verdicts: { 'gives-up-on-reset': {}, 'repeats-without-key': {} },
    arises: { fault: 'reset' },
    inRealTime: FEW_CALLS,
  },
  {
    id: 'dead-connection',
    situation: 'given a connection that had died while it was idle for 30 s',
    passes: 'Open a new connection and try again.',
    parts: { provider: { faults: everySecond({ kind: 'reset' }) }, load: oneAfterTheOther(20, '30s') },
    verdicts: { 'gives-up-on-reset': {} },
    arises: { fault: 'reset' },
    inRealTime: 'idle connections take too long in real time',
  },
  {
    id: 'hang',
    situation: 'connected, but never answered',
    passes: 'Give up on an attempt after a minute and a half at the most.',
    parts: {
      provider: { faults: [{ kind: 'hang' }] },
      load: openFor(3, '35m'),
      thresholds: { call_duration: ['max<300s'], calls_unfinished: ['count==0'] },
    },
    verdicts: { 'no-deadline': {}, hedges: {} },
    arises: { fault: 'hang' },
    inRealTime: 'waiting for a deadline takes too long in real time',
  },
  {
    id: 'slow-answer',
    situation: 'answered, but only after 20 s',
    passes: 'Wait for it: an answer of 20 s is usual, and asking again is paid for twice.',
    parts: {
      provider: { faults: [{ kind: 'slow', by: '20s', every: 2 }], limits: ['requests 600/min'] },
      load: oneAfterTheOther(24),
      thresholds: ALL_ANSWERED,
    },
    verdicts: { hedges: {}, 'wasted-tokens': {} },
    arises: { fault: 'slow' },
    inRealTime: { load: oneAfterTheOther(2) },
  },
  {
    id: 'half-an-answer',
    situation: 'given half a body, then cut off, once a call',
    passes: 'Try again or report an error; never return half an answer.',
    parts: {
      provider: { faults: everySecond({ kind: 'truncate', match: { stream: false } }) },
      load: oneAfterTheOther(),
    },
    verdicts: { 'swallows-rejection': {} },
    arises: { fault: 'truncate', stream: false },
    inRealTime: FEW_CALLS,
  },
  {
    id: 'broken-json',
    situation: 'given JSON that does not parse, once a call',
    passes: 'Try again or report an error; never return an empty answer.',
    parts: { provider: { faults: everySecond({ kind: 'malformed-json' }) }, load: oneAfterTheOther() },
    verdicts: { 'swallows-rejection': {} },
    arises: { fault: 'malformed-json' },
    inRealTime: FEW_CALLS,
  },
  {
    id: 'error-in-200',
    situation: 'given an error in a reply of status 200, once a call',
    passes: 'Look at the body: status 200 with an error in it is no answer.',
    parts: { provider: { faults: everySecond({ kind: 'error-in-200' }) }, load: oneAfterTheOther() },
    verdicts: { 'swallows-rejection': {} },
    arises: { fault: 'error-in-200' },
    inRealTime: FEW_CALLS,
  },
  {
    id: 'web-page',
    situation: 'given a body of the type text/html, once a call',
    passes: 'Report or repeat a reply that is no JSON; do not fail in other places.',
    parts: { provider: { faults: everySecond({ kind: 'content-type' }) }, load: oneAfterTheOther() },
    verdicts: { 'swallows-rejection': {} },
    arises: { fault: 'content-type' },
    inRealTime: FEW_CALLS,
  },
];
