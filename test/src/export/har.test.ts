import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import { analyse } from '../../../src/analysis/analyse.ts';
import { endingKind } from '../../../src/analysis/run/attempts.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { harText } from '../../../src/export/har/har.ts';
import { requestPath } from '../../../src/export/request-path.ts';
import { repeated, runOf, strip } from '../analysis/strip.ts';
import { read } from '../recorded/traffic.ts';

/** What `quotalab analyze` makes of the HAR of a run. */
const analyzed = (run: Run): Run => readRun(read([...harText(run)].join('')).records);

const endingsOf = ({ attempts }: Run): string[] =>
  attempts.map((attempt) => `${attempt.startUs} ${attempt.endUs} ${endingKind(attempt)} ${attempt.status}`);

/** Every way in which an attempt can end. */
const ENDINGS = `
  a.1 0-20 429 ra=2000 code=rate_limit_exceeded type=requests rc=0 key=one
  a.2 2100-2400 200 tokens=7 rc=1 key=one
  b.1 100-120 429 raw=1 ra=1000
  b.2 1200-1300 200 stream answer=5
  c.1 200-900 reset
  c.2 1000-1100 503 code=overloaded should=false
  d.1 300-800 timeout
  e.1 400-450 400 code=context_length_exceeded type=invalid_request_error
  f.1 500-700 200 defect=error-body code=server_error
  g.1 600-800 200 defect=cut-stream stream chars=4
  h.1 700-800 200 defect=not-json
  i.1 800-900 200 defect=error-event stream chars=3 type=overloaded_error
  j.1 900-1000 429 code=insufficient_quota type=insufficient_quota
`;

describe('harText', () => {
  it('is read back by analyze: each attempt, how it ended, what it was told, and its call', () => {
    const run = runOf(strip(ENDINGS));
    const back = analyzed(run);
    expect(new Set(run.attempts.map((attempt) => endingKind(attempt))).size).toBeGreaterThan(6);
    expect(endingsOf(back)).toEqual(endingsOf(run));
    const told = ({ attempts }: Run) =>
      attempts.map(({ retryAfterRaw, retryAfterUs, shouldRetry }) => [retryAfterRaw, retryAfterUs, shouldRetry]);
    expect(told(back)).toEqual(told(run));
    const callsOf = ({ calls }: Run) => calls.map(({ attempts }) => attempts.map(({ startUs }) => startUs));
    expect(callsOf(back)).toEqual(callsOf(run));
    const [refused, answered] = back.calls[0]!.attempts;
    expect(answered).toMatchObject({ completionTokens: 7, retryCount: 1, model: 'gpt-4o-mini' });
    expect(answered!.idempotencyKey).toBe(refused!.idempotencyKey);
  });

  it('gives the verdicts of the run, where a recording can have them', () => {
    const early = repeated('a.1 0-20 429 ra=2000\na.2 300-320 429 ra=2000\na.3 600-900 200', 40, 5000);
    const [original, back] = [runOf(early), analyzed(runOf(early))].map((run) => analyse(run).verdicts);
    const decided = back!.filter(({ status }) => ['pass', 'warn', 'fail'].includes(status));
    expect(decided.map(({ id, status }) => `${id} ${status}`)).toContain('ignores-retry-after fail');
    for (const { id, status, figure } of decided) {
      expect(original!.find((verdict) => verdict.id === id)).toMatchObject({ status, figure });
    }
  });

  it('is a HAR 1.2 whose times have all their digits', () => {
    const har = JSON.parse([...harText(runOf(strip('a.1 1-3 429 ra=2000')))].join(''));
    expect(har.log).toMatchObject({ version: '1.2', creator: { name: 'quotalab' } });
    expect(har.log.entries).toMatchObject([
      {
        startedDateTime: '2026-01-01T00:00:00.001000Z',
        time: 2,
        request: { method: 'POST', url: 'http://127.0.0.1/v1/chat/completions' },
        response: { status: 429, headers: [{ name: 'content-type' }, { name: 'retry-after-ms', value: '2000' }] },
        timings: { send: 0, wait: 2, receive: 0 },
        _quotalab: { attempt: 1, call: 1, number: 1, deniedBy: 'requests' },
      },
    ]);
  });

  it('throws for a run without attempts', () => {
    expect(() => [...harText(runOf([]))]).toThrow('the run has no attempts to export as har');
  });
});

it('each endpoint of each dialect has the path that its reader reads', () => {
  const names = Object.keys(DIALECTS) as (keyof typeof DIALECTS)[];
  const read = names.flatMap((dialect) =>
    DIALECTS[dialect].reader.endpoints.map(([pattern, endpoint]) => ({ dialect, pattern, endpoint })),
  );
  expect(read.length).toBeGreaterThan(12);
  for (const { dialect, pattern, endpoint } of read)
    expect(requestPath({ dialect, endpoint, model: 'a-model' })).toMatch(pattern);
});
