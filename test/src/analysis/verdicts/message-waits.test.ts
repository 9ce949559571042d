import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { ownGaps } from '../../../../src/analysis/judging/own-gaps.ts';
import type { Verdict } from '../../../../src/analysis/judging/verdict.ts';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import { runVirtualClient } from '../../run/run-virtual-client.ts';

/** A client that waits `waitMs(message, response, retry)` after each refusal. */
const waiting = (waitMs: string): string => `
const waitMs = ${waitMs};
export default async function (call, { env }) {
  for (let retry = 0; ; retry++) {
    const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
      method: 'POST',
      headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ model: call.model, max_tokens: 20 + 90 * (call.iteration % 3), messages: [{ role: 'user', content: call.prompt }] }),
    });
    const body = await response.json();
    if (response.ok) return body.choices[0].message.content;
    if (retry === 8) throw new Error(body.error.message);
    await new Promise((wake) => setTimeout(wake, waitMs(body.error.message, response, retry)));
  }
}`;

/** As codex and LangChain read it: a number and its unit. */
const BY_MESSAGE = waiting(`(message) => {
  const [, number, unit] = /try again in ([\\d.]+)(ms|s)/.exec(message);
  return Math.ceil(Number(number) * (unit === 's' ? 1000 : 1));
}`);

/** A bucket of tokens: costs differ, so that the waits do. */
const limit = (more: string): string =>
  `provider: { limits: [{ unit: tokens, capacity: 220, refill: 100/s }], latency: { firstToken: 50ms, perToken: 0s }, ${more} }\n`;
const LOAD = '[{ executor: per-vu-iterations, vus: 1, iterations: 30 }]';

async function analysed(client: string, provider: string) {
  const { records, error } = await runVirtualClient(client, LOAD, { provider });
  expect(error).toBeUndefined();
  const run = readRun(records);
  const { verdicts } = analyse(run);
  const waits = run.attempts.flatMap(({ messageWaitUs }) => (messageWaitUs === undefined ? [] : [messageWaitUs]));
  // The situation arose: messages state waits that differ.
  expect(waits.length).toBeGreaterThan(5);
  expect(Math.max(...waits)).toBeGreaterThan(1.5 * Math.min(...waits));
  return { run, verdict: (id: string): Verdict => verdicts.find((one) => one.id === id)! };
}

describe('a client that reads the wait in the message', () => {
  it('beside a header: comes before the header says, and the reading that explains it is named', async () => {
    const { verdict } = await analysed(BY_MESSAGE, limit('retryAfter: ceil-seconds'));
    expect(verdict('ignores-retry-after').status).toBe('fail');
    expect(verdict('ignores-retry-after').reason).toMatch(
      /It reads the wait in the message of the error \("try again in 1\.2s"\), not the header\.$/,
    );
    expect(verdict('retries-too-early').status).toBe('pass');
  });

  it('without a header: none of its waits is a backoff of its own', async () => {
    const { run, verdict } = await analysed(BY_MESSAGE, limit('headers: none'));
    expect(ownGaps(run)).toEqual([]);
    expect(verdict('ignores-retry-after').status).toBe('not-applicable');
    expect(verdict('misreads-retry-after').reason).toMatch(/It reads the wait in the message of the error\.$/);
  });
});

describe('a client that does not', () => {
  it.each([
    ['its own second', '() => 1000', true],
    ['its own second, doubled', '(_message, _response, retry) => 1000 * 2 ** retry', true],
    ['the header', "(_message, response) => 1000 * (response.headers.get('retry-after') ?? 1)", false],
  ])('%s', async (_name, waitMs, isOwn) => {
    const { run, verdict } = await analysed(
      waiting(waitMs),
      limit(isOwn ? 'headers: none' : 'retryAfter: ceil-seconds'),
    );
    expect(ownGaps(run).length > 0).toBe(isOwn);
    for (const id of ['ignores-retry-after', 'misreads-retry-after'])
      expect(verdict(id).reason).not.toMatch(/in the message/);
    expect(verdict('ignores-retry-after').status).toBe(isOwn ? 'not-applicable' : 'pass');
  });
});
