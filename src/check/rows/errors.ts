import { ALL_ANSWERED, everySecond, type FaultInput, FEW_CALLS, oneAfterTheOther } from '../parts.ts';
import type { CheckRow } from '../row.ts';

interface StatusRow {
  readonly status: number;
  readonly id: string;
  readonly situation: string;
  readonly passes: string;
}

/** Errors that stay: the same request gets them again. */
const LASTING: readonly StatusRow[] = [
  { status: 400, id: 'bad-request', situation: 'answered 400: the request is wrong', passes: 'Report a 400 at once.' },
  { status: 401, id: 'unauthorized', situation: 'answered 401: the key is wrong', passes: 'Report a 401 at once.' },
  { status: 403, id: 'forbidden', situation: 'answered 403: it may not do this', passes: 'Report a 403 at once.' },
  { status: 404, id: 'not-found', situation: 'answered 404: there is no such model', passes: 'Report a 404 at once.' },
];

/** Errors that pass: the second attempt of each call is answered. */
const PASSING: readonly StatusRow[] = [
  { status: 408, id: 'request-timeout', situation: 'answered 408 once a call', passes: 'Try again after a 408.' },
  {
    status: 409,
    id: 'conflict',
    situation: 'answered 409 once a call',
    passes: 'Try again after a 409, or report it.',
  },
  { status: 500, id: 'server-error', situation: 'answered 500 once a call', passes: 'Try once more after a 500.' },
  { status: 502, id: 'bad-gateway', situation: 'answered 502 once a call', passes: 'Try once more after a 502.' },
  { status: 503, id: 'unavailable', situation: 'answered 503 once a call', passes: 'Try again after a 503, later.' },
  {
    status: 529,
    id: 'overloaded',
    situation: 'answered 529, overloaded, once a call',
    passes: 'Try again after a 529, later.',
  },
];

function statusFault(status: number): FaultInput {
  return { kind: 'status', status };
}

function lastingRow({ status, id, situation, passes }: StatusRow): CheckRow {
  return {
    id,
    situation,
    passes: `${passes} Trying again cannot help.`,
    parts: { provider: { faults: [statusFault(status)] }, load: oneAfterTheOther(5) },
    verdicts: { 'retries-non-retryable': {}, 'swallows-rejection': {} },
    arises: { status },
    inRealTime: { load: oneAfterTheOther(2) },
  };
}

function passingRow({ status, id, situation, passes }: StatusRow): CheckRow {
  return {
    id,
    situation,
    passes,
    parts: { provider: { faults: everySecond(statusFault(status)) }, load: oneAfterTheOther(25) },
    verdicts: { 'treats-overload-as-fatal': {}, 'layered-retries': {} },
    arises: { status },
    inRealTime: FEW_CALLS,
  };
}

/** What a reply can say beside a limit, by status and code. */
export const ERROR_ROWS: readonly CheckRow[] = [
  ...LASTING.map(lastingRow),
  {
    id: 'billing',
    situation: 'refused since the quota that was paid for is used up (insufficient_quota)',
    passes: 'Read the code of the error: a bill that is not paid is no limit that opens again.',
    parts: { provider: { faults: [{ kind: 'refuse', says: 'insufficient-quota' }] }, load: oneAfterTheOther(5) },
    verdicts: { 'retries-non-retryable': {}, 'swallows-rejection': {} },
    notFor: { gemini: 'Gemini words a spent bill like any other limit' },
    arises: { fault: 'refuse' },
    inRealTime: { load: oneAfterTheOther(2) },
  },
  ...PASSING.map(passingRow),
  {
    id: 'slow-down',
    situation: 'asked to slow down (429, without a wait) once a call',
    passes: 'Treat it as a refusal: try again after a growing wait.',
    parts: {
      provider: { faults: everySecond({ kind: 'refuse', says: 'slow-down' }) },
      load: oneAfterTheOther(25),
      thresholds: ALL_ANSWERED,
    },
    verdicts: { 'no-jitter': {} },
    arises: { fault: 'refuse' },
    inRealTime: FEW_CALLS,
  },
  {
    id: 'unavailable-for-long',
    situation: 'answered 503 for two minutes, whatever it sends',
    passes: 'Give up after at most six attempts and report the error.',
    parts: {
      provider: { faults: [{ ...statusFault(503), for: '2m' }] },
      load: [{ executor: 'constant-arrival-rate', rate: '1/2s', duration: '1m', gracefulStop: '10m' }],
    },
    verdicts: {
      'unbounded-retries': { warn: 6, fail: 10 },
      'amplifies-load': { failWindow: 10, warn: 6, fail: 8 },
      'swallows-rejection': {},
      'layered-retries': {},
    },
    arises: { status: 503 },
    inRealTime: 'an outage of two minutes takes too long in real time',
  },
  {
    id: 'outage-of-a-minute',
    situation: 'answered 503 for a minute, in the middle of steady work',
    passes: 'Come back to the usual load soon after the outage, without a wave of retries.',
    parts: {
      provider: {
        limits: ['requests 240/min burst 20'],
        faults: [{ ...statusFault(503), at: '1m', for: '1m' }],
      },
      load: [
        { executor: 'constant-arrival-rate', rate: '2/s', duration: '5m', arrivals: 'poisson', gracefulStop: '5m' },
      ],
    },
    verdicts: { 'does-not-recover': {}, 'amplifies-load': { failWindow: 8, warn: 3, fail: 5 } },
    arises: { status: 503 },
    inRealTime: 'five minutes of load take too long in real time',
  },
];
