import { ALL_ANSWERED, everySecond, FEW_CALLS, oneAfterTheOther, told } from '../parts.ts';
import type { CheckRow } from '../row.ts';

const REFUSED = { fault: 'refuse' } as const;

/** A limit that one caller exceeds with every second or third call. */
const NARROW = ['requests 1/3s algorithm fixed-window'];

/** Gemini's refusals carry their wait in the body, in seconds. */
const NO_HEADER = { gemini: 'Gemini sends its wait in the body, in seconds' };

/** What a client is told to wait, in each form that there is. */
export const WAIT_ROWS: readonly CheckRow[] = [
  {
    id: 'retry-after-seconds',
    situation: 'refused and told to wait 2, 3 and 5 s',
    passes: 'Wait at least as long as Retry-After says, then try again.',
    parts: { provider: told('2', '3', '5'), load: oneAfterTheOther(), thresholds: ALL_ANSWERED },
    verdicts: { 'misreads-retry-after': {}, 'ignores-retry-after': {}, 'hides-retries': {} },
    arises: REFUSED,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-ms',
    situation: 'refused and told a wait in milliseconds (retry-after-ms)',
    passes: 'Read retry-after-ms, or the whole seconds of Retry-After beside it.',
    parts: { provider: { limits: NARROW, retryAfter: 'next-token' }, load: oneAfterTheOther() },
    verdicts: { 'ignores-retry-after': {}, 'retries-too-early': {} },
    notFor: NO_HEADER,
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-fraction',
    situation: 'refused and told to wait 1.5, 2.5 and 3.0 s, as some servers write it',
    passes: 'Read fractions of a second, or use your own growing wait for what you cannot read.',
    parts: { provider: told('1.5', '2.5', '3.0'), load: oneAfterTheOther(), thresholds: ALL_ANSWERED },
    verdicts: { 'misreads-retry-after': {}, 'ignores-retry-after': {} },
    arises: REFUSED,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-date',
    situation: 'refused and told to wait until an HTTP date',
    passes: 'Read an HTTP date in Retry-After and wait until then.',
    parts: {
      provider: { limits: ['requests 1/7s algorithm fixed-window'], retryAfter: 'http-date' },
      load: oneAfterTheOther(),
    },
    verdicts: { 'misreads-retry-after': {}, 'ignores-retry-after': {}, 'retries-too-early': {} },
    notFor: NO_HEADER,
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-skewed-date',
    situation: 'refused until an HTTP date by a server whose clock is 40 s behind, then 30 s ahead',
    passes: "Subtract the reply's Date header from the date in Retry-After, not your own clock.",
    parts: {
      provider: {
        limits: ['requests 1/7s algorithm fixed-window'],
        retryAfter: 'http-date',
        dateSkew: ['-40s', '30s', '0s'],
      },
      load: oneAfterTheOther(30),
    },
    verdicts: { 'clock-skewed-retry-after': {} },
    notFor: NO_HEADER,
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-past-date',
    situation: 'refused and told to wait until a date that has passed',
    passes: 'Use your own growing wait when the date has passed, never no wait.',
    parts: { provider: { limits: NARROW, retryAfter: 'past-date' }, load: oneAfterTheOther() },
    verdicts: { 'misreads-retry-after': {} },
    notFor: NO_HEADER,
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'retry-after-long',
    situation: 'refused and told to wait 61 and 70 s',
    passes: 'Wait as long as you are told, or give up at once; never come back earlier.',
    parts: { provider: told('61', '70'), load: oneAfterTheOther() },
    verdicts: { 'misreads-retry-after': {}, 'ignores-retry-after': {} },
    arises: REFUSED,
    inRealTime: 'waits of 61 and 70 s take too long in real time',
  },
  {
    id: 'retry-after-none',
    situation: 'refused without being told how long to wait',
    passes: 'Wait by yourself: longer from try to try, and drawn at random.',
    parts: {
      provider: { faults: everySecond({ kind: 'refuse', says: 'rate-limit' }) },
      load: oneAfterTheOther(30),
      thresholds: ALL_ANSWERED,
    },
    verdicts: { 'no-jitter': {} },
    arises: REFUSED,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'reset-header',
    situation: 'refused without Retry-After, beside the time at which the limit is reset',
    passes: 'Read the whole time (6m0s, 500ms, a date), or use your own growing wait.',
    parts: {
      provider: { limits: ['requests 12/10m algorithm fixed-window'], retryAfter: 'none' },
      load: oneAfterTheOther(40),
    },
    verdicts: { 'misreads-retry-after': {} },
    notFor: NO_HEADER,
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: 'a limit that is reset after ten minutes takes too long in real time',
  },
  {
    id: 'retry-after-nonsense',
    situation: 'refused with a Retry-After that is no time: "soon", "-1", "NaN"',
    passes: 'Use your own growing wait for a Retry-After that you cannot read.',
    parts: { provider: told('soon', '-1', 'NaN'), load: oneAfterTheOther(), thresholds: ALL_ANSWERED },
    verdicts: { 'misreads-retry-after': {} },
    arises: REFUSED,
    inRealTime: FEW_CALLS,
  },
  {
    id: 'told-as-the-provider-does',
    situation: "refused by a request limit, in the dialect's own words and headers",
    passes: 'Read what this provider sends with a refusal, and wait that long.',
    parts: { provider: { limits: ['requests 1/4s algorithm fixed-window'] }, load: oneAfterTheOther() },
    verdicts: { 'misreads-retry-after': {}, 'ignores-retry-after': {}, 'retries-too-early': {}, 'over-waits': {} },
    arises: { refusedByLimit: true },
    avoidable: true,
    inRealTime: FEW_CALLS,
  },
];
