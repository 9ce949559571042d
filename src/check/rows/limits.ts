import { oneAfterTheOther, together } from '../parts.ts';
import type { CheckRow } from '../row.ts';

const BY_LIMIT = { refusedByLimit: true } as const;

/** Between two calls of a caller: a client that fails at once would otherwise make thousands of calls a second. */
const PAUSE = { constant: '500ms' } as const;

/** Limits that are shut, spent, shared, too small, or in the way of many callers. */
export const LIMIT_ROWS: readonly CheckRow[] = [
  {
    id: 'limit-shut',
    situation: 'refused for ten minutes, whatever it sends',
    passes: 'Try a few times with growing, random waits, then report the refusal.',
    parts: {
      provider: { faults: [{ kind: 'refuse', says: 'rate-limit', for: '10m' }] },
      load: [{ executor: 'constant-arrival-rate', rate: '1/2s', duration: '1m', gracefulStop: '20m' }],
    },
    verdicts: {
      'unbounded-retries': {},
      'fixed-interval': {},
      'no-jitter': {},
      'backoff-shape': {},
      'amplifies-load': { failWindow: 10, warn: 6, fail: 8 },
      'swallows-rejection': {},
    },
    arises: { fault: 'refuse' },
    inRealTime: 'a limit that stays shut for ten minutes takes too long in real time',
  },
  {
    id: 'day-spent',
    situation: 'refused since the quota of the day is spent',
    passes: 'Give up, or come back when the day is over; do not try every few seconds.',
    parts: {
      provider: { limits: ['requests 3/day algorithm fixed-window'] },
      load: oneAfterTheOther(15, '10s'),
    },
    verdicts: { 'unbounded-retries': {}, 'swallows-rejection': {}, 'retries-too-early': { warn: 1, fail: 1 } },
    arises: BY_LIMIT,
    inRealTime: {
      load: [{ executor: 'shared-iterations', iterations: 6, maxDuration: '30s', gracefulStop: '10s' }],
    },
  },
  {
    id: 'token-limit',
    situation: 'within the request limit, refused by the token limit beside it',
    passes: 'Wait for the limit that refused; a token limit opens at another time than a request limit.',
    parts: {
      provider: { limits: ['requests 60/min', 'tokens 1200/min burst 240'], answerTokens: 30 },
      call: { maxTokens: 100 },
      load: [{ executor: 'constant-vus', vus: 4, duration: '2m', gracefulStop: '5m', wait: PAUSE }],
    },
    verdicts: { 'ignores-retry-after': {}, 'retries-too-early': {}, 'amplifies-load': { warn: 3, fail: 5 } },
    arises: BY_LIMIT,
    avoidable: true,
    inRealTime: {
      load: [{ executor: 'constant-vus', vus: 3, duration: '20s', gracefulStop: '15s', wait: PAUSE }],
    },
  },
  {
    id: 'request-too-large',
    situation: 'refused since one request needs more tokens than the limit ever holds',
    passes: 'Fail such a request at once and say that it is too large; waiting cannot help.',
    parts: {
      provider: { limits: ['tokens 60/min burst 30'] },
      call: { prompt: `Summarise ${'all of this text, '.repeat(40)}please (call {id}).`, maxTokens: 200 },
      load: oneAfterTheOther(5),
    },
    verdicts: { 'retries-impossible-request': {}, 'swallows-rejection': {} },
    arises: BY_LIMIT,
    inRealTime: { load: oneAfterTheOther(2) },
  },
  {
    id: 'twenty-together',
    situation: 'twenty callers, refused at the same instant',
    passes: 'Spread the callers: add a random part to every wait, also to one that you were told.',
    parts: {
      provider: { limits: ['requests 5/s burst 5'] },
      load: [{ executor: 'per-vu-iterations', vus: 25, iterations: 2, maxDuration: '20m', gracefulStop: '10m' }],
    },
    verdicts: { 'synchronised-herd': {}, 'gives-up-early': {} },
    arises: { ...BY_LIMIT, together: 10 },
    avoidable: true,
  },
  {
    id: 'shared-quota',
    situation: 'eight callers who want more than the quota has, for three minutes',
    passes: 'Queue the callers in front of the limit, so that all get their share and none of the quota is lost.',
    parts: {
      provider: { limits: ['requests 60/min burst 5'] },
      load: [{ executor: 'constant-vus', vus: 8, duration: '3m', gracefulStop: '5m', wait: PAUSE }],
    },
    verdicts: {
      'starves-callers': {},
      'leaves-quota-unused': {},
      'gives-up-early': {},
      'concurrency-blow-up': {},
      'wasted-tokens': {},
    },
    arises: {},
    inRealTime: 'three minutes of load take too long in real time',
  },
  {
    id: 'load-above-quota',
    situation: 'given 1.3 times as many calls as the quota admits, for two minutes',
    passes: 'Let calls queue until the quota has room for them, and send no more than it admits.',
    parts: {
      provider: { limits: ['requests 60/min burst 5'] },
      load: [{ executor: 'constant-arrival-rate', rate: '78/min', duration: '2m', gracefulStop: '10m' }],
    },
    verdicts: { 'gives-up-early': {}, 'amplifies-load': { warn: 3, fail: 5 }, 'retries-impossible-request': {} },
    arises: {},
    inRealTime: 'two minutes of load take too long in real time',
  },
  {
    id: 'minute-boundary',
    situation: 'given calls evenly for six minutes',
    passes: 'Send calls when they are due, not at the top of the minute.',
    parts: {
      provider: { limits: ['requests 120/min burst 30'] },
      load: [{ executor: 'constant-arrival-rate', rate: '40/min', duration: '6m', gracefulStop: '5m' }],
    },
    verdicts: { 'bursts-at-window-boundary': {} },
    arises: {},
    inRealTime: 'six minutes of load take too long in real time',
  },
  {
    id: 'restart',
    situation: 'a process that starts with thirty jobs in hand',
    passes: 'Release waiting work at the rate of the quota, not all of it in the first second.',
    parts: {
      provider: { limits: ['requests 5/s burst 5'] },
      load: together(30),
    },
    verdicts: { 'restart-stampede': { starts: ['0s'], needed: 1 } },
    arises: {},
  },
];
