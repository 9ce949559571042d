import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import type { Verdict } from '../../../../src/analysis/judging/verdict.ts';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import { summaryJson } from '../../../../src/report/summary-json.ts';
import { terminalSummary } from '../../../../src/report/terminal/terminal.ts';
import { runVirtualClient } from '../../run/run-virtual-client.ts';

/** A client that makes up to `attempts` attempts and waits `waitMs(response, attempt)` between them. */
const waiting = (waitMs: string, attempts = 4): string => `
const POST = (call, env) => {
  const gemini = call.model.startsWith('gemini') && env.GOOGLE_GEMINI_BASE_URL;
  const headers = { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'content-type': 'application/json' };
  const body = { model: call.model, messages: [{ role: 'user', content: call.prompt }] };
  return gemini
    ? fetch(gemini + '/v1beta/models/gemini-2.5-flash:generateContent', {
        method: 'POST',
        headers: { 'x-goog-api-key': env.GEMINI_API_KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: call.prompt }] }] }),
      })
    : fetch(env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', headers, body: JSON.stringify(body) });
};
const waitMs = ${waitMs};
export default async function (call, { env }) {
  for (let attempt = 1; ; attempt++) {
    const response = await POST(call, env);
    const text = await response.text();
    if (response.ok || attempt === ${attempts}) return text;
    const ms = waitMs(response, attempt, text);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}`;

const ONE_CALL = '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]';
const refusing = (retryAfter: string, more = ''): string =>
  `provider: { limits: [{ name: r, scope: organization, capacity: 1, refill: 1/min, initial: 0 }], retryAfter: ${retryAfter} }\n${more}`;

async function analysed(client: string, provider: string, load = ONE_CALL) {
  const { records, error } = await runVirtualClient(client, load, { provider });
  expect(error).toBeUndefined();
  const run = readRun(records);
  const analysis = analyse(run);
  const verdict = (id: string): Verdict => analysis.verdicts.find((one) => one.id === id)!;
  const metric = (name: string) => analysis.metrics.find((one) => one.name === name)!;
  return { run, analysis, verdict, metric };
}

describe('Retry-After in forms that not every client reads', () => {
  it('milliseconds, to a client that takes them for seconds and adds up to as much again', async () => {
    const seconds = waiting("(r, n) => 1000 * r.headers.get('retry-after-ms') * (1 + 0.3 * n)");
    const shut =
      "provider: { limits: [{ capacity: 1, refill: 1/1h, initial: 0 }], retryAfter: { literal: '1', literalMs: '400' } }\n";
    const load = '[{ executor: per-vu-iterations, vus: 1, iterations: 1, maxDuration: 1h }]';
    const { verdict } = await analysed(seconds, shut, load);
    expect(verdict('misreads-retry-after')).toMatchObject({ status: 'fail', figure: 3 });
    expect(verdict('misreads-retry-after').reason).toContain('3 milliseconds as seconds');
  });

  it('1.5, to a client that reads digits only and falls back to its own second', async () => {
    const digits = waiting(
      "(r) => (/^\\d+$/.test(r.headers.get('retry-after')) ? 1000 * r.headers.get('retry-after') : 1000)",
    );
    const { verdict } = await analysed(digits, refusing("{ literal: '1.5' }"));
    expect(verdict('ignores-retry-after')).toMatchObject({ status: 'fail', n: 3, figure: 1 });
    expect(verdict('ignores-retry-after').evidence[0]?.what).toBe('requested wait 1.5s ("1.5"), retried after 1s');
    expect(verdict('misreads-retry-after')).toMatchObject({ status: 'fail', figure: 3 });
    expect(verdict('misreads-retry-after').reason).toBe(
      '3 of 3 waits misread Retry-After. fraction: 3 leading digits only (or a pause of its own, which would look the same).',
    );
  });

  it('1.5, to a client that gives everything but digits to a parser of dates', async () => {
    const dates = waiting(
      "(r) => { const ra = r.headers.get('retry-after'); return /^\\d+$/.test(ra) ? 1000 * ra : Math.min(30_000, Date.parse(ra) - Date.now()); }",
    );
    // In 2026, the year 2001 is over; in 1970, it is far away.
    const today = await analysed(dates, refusing("{ literal: '1.5' }"));
    expect(today.verdict('misreads-retry-after').reason).toBe(
      '3 of 3 waits misread Retry-After. fraction: 3 retried at once.',
    );
    const then = await analysed(dates, refusing("{ literal: '1.5' }", "time: { virtual: '1970-01-01T00:00:00Z' }"));
    expect(then.verdict('misreads-retry-after')).toMatchObject({ status: 'inconclusive', n: 2 });
    expect(then.verdict('misreads-retry-after').reason).toContain('fraction: 2 longer, perhaps not read');
  });

  it.each([
    ['+3', 3000, 'pass'],
    ['3.0', 3000, 'pass'],
    ['+3', 1000, 'fail'],
    ['3.0', 1000, 'fail'],
    ['-3', 1000, 'not-applicable'],
  ])('%s, after %i ms: %s', async (literal, waitMs, status) => {
    const { verdict } = await analysed(waiting(`() => ${waitMs}`), refusing(`{ literal: '${literal}' }`));
    expect(verdict('ignores-retry-after').status).toBe(status);
  });

  it('a literal date means the time until it', async () => {
    const exact = waiting("(r) => Date.parse(r.headers.get('retry-after')) - Date.now()", 2);
    const date = "{ literal: 'Thu, 01 Jan 2026 00:00:40 GMT' }";
    const { run, verdict, analysis } = await analysed(exact, refusing(date));
    expect(run.attempts[0]!.retryAfterUs).toBe(40_000_000);
    expect(verdict('misreads-retry-after')).toMatchObject({ status: 'pass', n: 1 });
    expect(summaryJson(run, analysis)).toMatchObject({ clockStart: '2026-01-01T00:00:00Z' });
    expect(terminalSummary(run, analysis, { color: false, width: 100, full: false })).toContain(
      'clock   began at 2026-01-01T00:00:00Z; the dates that were sent follow it',
    );
    const early = await analysed(waiting('() => 1000', 2), refusing(date));
    expect(early.verdict('ignores-retry-after').status).toBe('fail');
    const plain = await analysed(waiting('() => 1000', 2), refusing('ceil-seconds'));
    expect(plain.analysis.clockStart).toBeNull();
  });
});

describe("Gemini's RetryInfo", () => {
  const gemini =
    'provider: { dialect: gemini, limits: [{ name: r, scope: organization, capacity: 1, refill: 1/min, initial: 0 }] }\ncall: { model: gemini-2.5-flash }';

  it('a client that waits 60.2 s obeys 60s', async () => {
    const { run, verdict } = await analysed(
      waiting('(r, n, text) => 1000 * parseFloat(/"retryDelay": "(.*)s"/.exec(text)[1]) + 200'),
      gemini,
    );
    expect(run.attempts[0]).toMatchObject({ retryAfterRaw: '60s', retryAfterSource: 'retry-info', retryAfterUs: 60e6 });
    expect(verdict('ignores-retry-after').status).toBe('pass');
    expect(verdict('misreads-retry-after').status).toBe('not-applicable');
  });

  it('a client that comes back after 1 s ignores it, and is told of RetryInfo', async () => {
    const { verdict } = await analysed(waiting('() => 1000'), gemini);
    expect(verdict('ignores-retry-after')).toMatchObject({ status: 'fail', figure: 1 });
    expect(verdict('ignores-retry-after').advice).toMatch(/^Read retryDelay of google.rpc.RetryInfo/);
    expect(verdict('misreads-retry-after').status).toBe('not-applicable');
  });

  it('a fault that refuses sends it too', async () => {
    const fault =
      'provider: { dialect: gemini, faults: [{ kind: refuse, says: rate-limit, retryAfter: 7, for: 20s }] }\ncall: { model: gemini-2.5-flash }';
    const { run, verdict } = await analysed(
      waiting('(r, n, text) => 1000 * parseFloat(/"retryDelay": "(.*)s"/.exec(text)[1])'),
      fault,
    );
    expect(run.attempts[0]).toMatchObject({ retryAfterRaw: '7s', retryAfterUs: 7e6 });
    expect(verdict('ignores-retry-after').status).toBe('pass');
  });
});

describe('waits after anything', () => {
  it('a 400, repeated nine times after 4 s to a minute', async () => {
    const waits = waiting('(r, n) => [4, 4, 4, 8, 16, 32, 60, 60, 60][n - 1] * 1000', 10);
    const { verdict, metric } = await analysed(waits, 'provider: { faults: [{ kind: status, status: 400 }] }');
    expect(verdict('backoff-shape').reason).toMatch(
      /^Backoff after rejections: 4s, 4s, 4s, 8s, 16s, …; × 1\.\d\d per retry/,
    );
    expect(verdict('no-jitter')).toMatchObject({ status: 'inconclusive', n: 1 });
    expect(verdict('no-jitter').reason).toContain('The waits so far: 4s, 4s, 4s, 8s, 16s');
    expect(verdict('fixed-interval')).toMatchObject({ status: 'pass', n: 1 });
    expect(metric('retry_wait')).toMatchObject({ sorted: expect.objectContaining({ length: 9 }) });
  });

  it.each([
    ['a reset', '[{ kind: reset }]', 'broken connections'],
    ['a 503', '[{ kind: status, status: 503 }]', 'overload'],
    ['a 500', '[{ kind: status, status: 500 }]', 'server errors'],
  ])('%s, retried each second', async (_name, faults, cause) => {
    const client = waiting('() => 1000').replace(
      'const response = await POST(call, env);',
      'const response = await POST(call, env).catch(() => new Response("", { status: 599 }));',
    );
    const { verdict } = await analysed(client, `provider: { faults: ${faults} }`);
    expect(verdict('backoff-shape').reason).toMatch(new RegExp(`^Backoff after (${cause}|server errors): 1s, 1s, 1s`));
    expect(verdict('fixed-interval')).toMatchObject({ status: 'fail', n: 1 });
  });

  it('told 3 s, waits 2 s and 4 s: both are its own, and grow', async () => {
    const { verdict } = await analysed(waiting('(r, n) => 2000 * n', 3), refusing("{ literal: '3' }"));
    expect(verdict('ignores-retry-after')).toMatchObject({ status: 'fail', n: 2, figure: 0.5 });
    expect(verdict('backoff-shape')).toMatchObject({ figure: expect.closeTo(2, 6) });
    expect(verdict('backoff-shape').reason).toMatch(/^Backoff: 2s, 4s; × 2 per retry/);
  });

  it('one wait shows no growth', async () => {
    const { verdict } = await analysed(waiting('() => 2000', 2), refusing('none'));
    expect(verdict('backoff-shape')).toMatchObject({ status: 'pass', figure: null });
    expect(verdict('backoff-shape').reason).toContain('too few waits per call to see growth');
  });
});

describe('small runs', () => {
  it('two of three retries 16 s and 8 s early', async () => {
    const client = waiting('(r, n) => [4000, 8000, 13_000][n - 1]');
    const slow =
      'provider: { limits: [{ name: r, scope: organization, capacity: 1, refill: 1/20s, initial: 0 }], retryAfter: none }';
    const { verdict } = await analysed(client, slow);
    expect(verdict('retries-too-early')).toMatchObject({ status: 'fail', figure: 2 / 3, n: 3 });
    expect(verdict('retries-too-early').evidence.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^retried 1[56]\.?\d*s before/),
      expect.stringMatching(/^retried [78]\.?\d*s before/),
    ]);
  });

  it('the openai SDK with its defaults passes ignores-retry-after', async () => {
    const path = fileURLToPath(new URL('../../../truth/clients/openai-node.ts', import.meta.url));
    const sdk = `export { default } from ${JSON.stringify(path)};`;
    const bucket = 'provider: { limits: [{ name: r, scope: organization, capacity: 1, refill: 1/s }] }';
    const { run, verdict } = await analysed(sdk, bucket, '[{ executor: per-vu-iterations, vus: 2, iterations: 1 }]');
    expect(run.attempts.some(({ status }) => status === 429)).toBe(true);
    expect(verdict('ignores-retry-after').status).toBe('pass');
    expect(verdict('ignores-retry-after').reason).toMatch(/a fixed pause of 1s would look the same/);
  });
});
