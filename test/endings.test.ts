import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DIALECT_NAMES, type DialectName } from '../mock-server/dialects/dialects.ts';
import { judgeRun } from '../src/analysis/judging/judge-run.ts';
import { computeMetric } from '../src/analysis/metrics/metrics.ts';
import { endingOf } from '../src/analysis/run/attempts.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { runToEnd } from './run-to-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-endings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const source = (file: string): string => JSON.stringify(fileURLToPath(new URL(`../${file}`, import.meta.url)));

/**
 * A plain client of any dialect. `throws` reads each reply with care and throws; `retries` tries again after a growing wait;
 * `swallows` checks the status alone and returns the text it finds.
 */
const CLIENT = `
import { setTimeout as sleep } from 'node:timers/promises';
import { DIALECTS } from ${source('mock-server/dialects/dialects.ts')};
import { plainRequest, streamedText } from ${source('src/client/plain-request.ts')};

export default async function ask(call, { env, signal }) {
  const { DIALECT, DOES } = env;
  const { url, headers, body } = plainRequest(DIALECT, env, call);
  for (let tries = 1; ; tries++) {
    try {
      const response = await fetch(url, { method: 'POST', headers, body, signal });
      if (!response.ok) throw new Error('HTTP ' + response.status);
      if (DOES === 'swallows') return await anyText(DIALECT, response);
      return read(DIALECT, call.stream, response.headers.get('content-type'), await response.text());
    } catch (error) {
      if (DOES !== 'retries' || tries === 5) throw error;
      await sleep(500 * 2 ** tries, undefined, { signal });
    }
  }
}

function read(dialect, stream, type, text) {
  if (!/json|event-stream/.test(type)) throw new Error('unexpected type ' + type);
  if (/event-stream/.test(type)) return streamedText(dialect, text);
  const body = JSON.parse(text);
  if (body.error || stream) throw new Error('the reply is an error');
  return DIALECTS[dialect].reader.answerText(body);
}

async function anyText(dialect, response) {
  let text = '';
  try {
    for await (const piece of response.body.pipeThrough(new TextDecoderStream())) text += piece;
  } catch {}
  const bodies = text.split('\\n').map((line) => line.replace(/^data: /, '').trim());
  return bodies.map((json) => {
    try {
      return DIALECTS[dialect].reader.answerText(JSON.parse(json));
    } catch {
      return '';
    }
  }).join('');
}
`;
writeFileSync(join(folder, 'client.mjs'), CLIENT);

/** The faults of one run: the n-th call meets the n-th of them with its first request. One more call meets none. */
const WHOLE = ['error-in-200', 'malformed-json', 'content-type', 'quiet-end', 'truncate'];
const STREAMED = [
  'error-in-200',
  'error-event, after: 0',
  'truncate, after: 6',
  'quiet-end, after: 6',
  'error-event, after: 6',
];

async function judged(dialect: DialectName, does: 'throws' | 'retries' | 'swallows', stream: boolean) {
  const faults = stream ? STREAMED : WHOLE;
  const file = join(folder, `${dialect}-${does}-${stream}.yaml`);
  writeFileSync(
    file,
    `name: endings
provider:
  dialect: ${dialect}
  models: any
  faults:
${faults.map((kind, index) => `    - { kind: ${kind}, first: 1, match: { text: 'call ${index + 1}.' } }`).join('\n')}
client: { module: ./client.mjs, env: { DIALECT: ${dialect}, DOES: ${does} } }
call: { stream: ${stream}, prompt: 'This is call {id}.' }
load: [{ executor: constant-arrival-rate, rate: 1/s, duration: ${faults.length + 1}s }]
`,
  );
  const run = readRun(await runToEnd(await loadScenario(file)));
  const failed = computeMetric(run, 'attempt_failed', {});
  const verdicts = judgeRun(run, {}).filter(({ status }) => status === 'fail' || status === 'warn');
  return {
    endings: run.calls.map(({ attempts }) => endingOf(attempts[0]!).kind),
    attemptsFailed: failed.type === 'rate' ? failed.hits : undefined,
    callsFailed: run.calls.filter(({ result }) => result === 'error').length,
    accused: verdicts.map(({ id, status }) => `${id}: ${status}`),
    reasons: Object.fromEntries(verdicts.map(({ id, reason }) => [id, reason.replaceAll(/ \(\w+\)/g, '')])),
  };
}

describe.each(DIALECT_NAMES)('%s: replies with a status of 200 that are no answers', (dialect) => {
  it('thrown: it gives up on what passes', async () => {
    const result = await judged(dialect, 'throws', false);
    expect(result.endings).toEqual(['unreadable', 'unreadable', 'unreadable', 'unreadable', 'broken', 'answered']);
    expect(result).toMatchObject({ attemptsFailed: 5, callsFailed: 5 });
    expect(result.accused).toEqual(['treats-overload-as-fatal: fail', 'gives-up-on-reset: fail']);
    expect(result.reasons).toMatchObject({
      'treats-overload-as-fatal':
        '1 of 1 calls gave up on an error in a 200; 2 of 2 calls gave up on a reply that is no JSON; ' +
        '1 of 1 calls gave up on a reply with the wrong content type.',
      'gives-up-on-reset': '1 of 1 calls gave up on a reply that broke off before its first text.',
    });
  });

  it('thrown in a stream: it gives up before the first text, and may do so after it', async () => {
    const result = await judged(dialect, 'throws', true);
    expect(result.endings).toEqual(['unreadable', 'overloaded', 'broken', 'broken', 'overloaded', 'answered']);
    expect(result).toMatchObject({ attemptsFailed: 5, callsFailed: 5, accused: ['treats-overload-as-fatal: fail'] });
    expect(result.reasons['treats-overload-as-fatal']).toBe(
      '1 of 1 calls gave up on an error in a 200; 1 of 1 calls gave up on an error event; ' +
        '1 of 1 calls gave up on an error event after the first text.',
    );
  });

  it.each([false, true])('tried again: nothing is wrong (stream: %s)', async (stream) => {
    const { attemptsFailed, callsFailed, accused } = await judged(dialect, 'retries', stream);
    expect({ attemptsFailed, callsFailed, accused }).toEqual({ attemptsFailed: 5, callsFailed: 0, accused: [] });
  });

  it('given as a success: it swallows them, except an answer whose type alone is wrong', async () => {
    const result = await judged(dialect, 'swallows', false);
    expect(result).toMatchObject({ attemptsFailed: 5, callsFailed: 0, accused: ['swallows-rejection: fail'] });
    expect(result.reasons['swallows-rejection']).toBe(
      '4 of 5 calls reported success without a whole answer: 3 had an error or unreadable text in a 200, 1 had a cut reply.',
    );
  });

  it('the cut text of a stream given as a success: it swallows the cut', async () => {
    const result = await judged(dialect, 'swallows', true);
    expect(result).toMatchObject({ attemptsFailed: 5, callsFailed: 0, accused: ['swallows-rejection: fail'] });
    expect(result.reasons['swallows-rejection']).toBe(
      '5 of 5 calls reported success without a whole answer: 1 had an error or unreadable text in a 200, 4 had a cut reply.',
    );
  });
});
