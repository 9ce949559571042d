import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ProviderSettings } from '../mock-server/settings.ts';
import { quotalabHere } from './in-process.ts';
import { perPeriod, post, provider, text } from './mock-server/openai-provider.ts';
import { BIN, type Ended } from './quotalab.ts';
import { har, harEntry, harStrip, START } from './src/recorded/traffic.ts';

const SAMPLES = fileURLToPath(new URL('src/recorded/samples/', import.meta.url));

/** Runs `quotalab analyze` in a new folder with this recording as `traffic.har`; `input` in a process, on stdin. */
async function analyze(args: readonly string[], recording = '', input?: string): Promise<Ended & { cwd: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-analyze-'));
  writeFileSync(join(cwd, 'traffic.har'), recording);
  const words = ['analyze', ...args, '--no-charts'];
  if (input === undefined) return { cwd, ...(await quotalabHere(words, { cwd })) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], { cwd, encoding: 'utf8', input });
  return { cwd, code: status, stdout, stderr };
}

/** Twenty calls that retry after `share` times the requested wait. */
const retriesAfter = (share: number): string =>
  harStrip(
    Array.from({ length: 20 }, (_, call) => {
      const retryAfterS = 1 + (call % 3);
      const retryMs = call * 10_000 + 20 + Math.round(retryAfterS * share * 1000) + ((call * 37) % 100);
      return `${call * 10_000}-${call * 10_000 + 20} 429 ra=${retryAfterS} rc=0 body=${call}\n${retryMs}-${retryMs + 300} 200 rc=1 body=${call}`;
    }).join('\n'),
  );

/** Records a HAR of requests to the mock server, one every 400 ms, with two keys in turn. */
function recordingOf(settings: Partial<ProviderSettings>, count: number, request: (key: string) => object): string {
  const mock = provider({ ...settings, keys: 'any' });
  const entries = Array.from({ length: count }, (_, n) => {
    const atUs = n * 400_000;
    const reply = mock.receive(request(`sk-secret-${n % 2}`) as ReturnType<typeof post>, START * 1000 + atUs);
    mock.finish(reply.id, START * 1000 + atUs + 300_000);
    return harEntry(atUs / 1000, atUs / 1000 + 300, reply.status, {
      ...(settings.dialect === 'gemini' && { url: `https://generativelanguage.googleapis.com${MODEL_PATH}` }),
      request: { authorization: `Bearer sk-secret-${n % 2}` },
      response: reply.headers,
      answer: text(reply),
    });
  });
  expect(entries.some((entry) => JSON.stringify(entry).includes('"status":429'))).toBe(true);
  return har(entries);
}

const MODEL_PATH = '/v1beta/models/gemini-2.5-flash:generateContent';

describe('quotalab analyze --learn-limits', () => {
  it('writes the limits of the recorded provider as a scenario block', async () => {
    const createRequest = (key: string) =>
      post(
        '/v1/chat/completions',
        { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] },
        { authorization: `Bearer ${key}` },
      );
    const recording = recordingOf({ limits: [perPeriod('requests', 60, 'min')] }, 400, createRequest);
    const { cwd, stdout } = await analyze(['traffic.har', '--learn-limits'], recording);
    const block = readFileSync(join(cwd, 'reports', 'traffic', 'limits.yaml'), 'utf8');
    expect(parse(block).limits).toEqual([
      {
        name: 'requests per minute',
        unit: 'requests',
        scope: 'organization',
        algorithm: 'token-bucket',
        refill: '60/min',
      },
    ]);
    expect(block).toContain('# sure: 60 per 1m, token-bucket');
    expect(stdout).toContain('LIMITS, written to reports/traffic/limits.yaml\n\n  # Learnt from 400 replies');
    expect(stdout + block).not.toContain('sk-secret');
  });

  it("learns Gemini's limit from the quota id in refusals", async () => {
    const createRequest = (key: string) =>
      post(
        MODEL_PATH,
        { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
        { 'x-goog-api-key': key, authorization: '' },
      );
    const settings = { dialect: 'gemini', account: 'free', limits: [perPeriod('requests', 10, 'min')] } as const;
    const { stdout, cwd } = await analyze(
      ['traffic.har', '--learn-limits', '--json'],
      recordingOf(settings, 60, createRequest),
    );
    expect(JSON.parse(stdout)).toMatchObject({ scenario: 'recorded traffic' });
    const block = readFileSync(join(cwd, 'reports', 'traffic', 'limits.yaml'), 'utf8');
    expect(parse(block).limits).toMatchObject([{ unit: 'requests', refill: '10/min' }]);
  });
});

describe('quotalab analyze', async () => {
  it('a client that retries too soon: exit 99, evidence, what was read, and a journal that can be reported again', async () => {
    const { cwd, code, stdout, stderr } = await analyze(['traffic.har'], retriesAfter(0.4));
    expect(stderr).toBe('');
    expect(stdout).toContain('HAR: 40 of 40 entries are requests to a model (api.openai.com)');
    expect(stdout).toContain("to 20 calls by the SDK's retry count 40");
    expect(stdout).toMatch(/✗ ignores-retry-after 100% of retries/);
    expect(code).toBe(99);
    const folder = join(cwd, 'reports', 'traffic');
    expect(readdirSync(folder).sort()).toEqual(['journal.jsonl', 'report.html', 'summary.json', 'summary.txt']);
    const again = await quotalabHere(['report', join(folder, 'journal.jsonl'), '--no-charts', '-o', 'again'], { cwd });
    expect(again.code).toBe(99);
    expect(readFileSync(join(cwd, 'again', 'summary.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'summary.json'), 'utf8'),
    );
  });

  it('a client that waits as requested: exit 0, and JSON with the rungs that joined attempts', async () => {
    const { code, stdout } = await analyze(['traffic.har', '--json', '--out', 'out'], retriesAfter(1.02));
    const summary = JSON.parse(stdout);
    expect(summary.recorded).toMatchObject({ format: 'har', file: 'traffic.har', joinedBy: { 'retry-count': 40 } });
    expect(summary.verdicts.find(({ id }: { id: string }) => id === 'ignores-retry-after').status).toBe('pass');
    expect(code).toBe(0);
  });

  it('compares two recordings like two runs', async () => {
    const before = await analyze(['traffic.har', '--out', 'out'], retriesAfter(1.02));
    const after = await analyze(['traffic.har', '--out', 'out'], retriesAfter(0.4));
    const { code, stdout } = await quotalabHere(['compare', join(before.cwd, 'out'), join(after.cwd, 'out')], {
      cwd: before.cwd,
    });
    expect(stdout).toContain('ignores-retry-after');
    expect(code).toBe(99);
  });

  it('reads standard input and takes severities from a scenario', async () => {
    const { code, stdout } = await analyze(['-', '--out', 'out', '--allow-inconclusive'], '', retriesAfter(0.4));
    expect([code, stdout.includes('standard input')]).toEqual([99, true]);
    const scenario = join(SAMPLES, 'lenient.yaml');
    const lenient = await analyze(['traffic.har', '--scenario', scenario, '--out', 'out'], retriesAfter(0.4));
    expect([lenient.code, lenient.stdout]).toEqual([0, expect.not.stringContaining('ignores-retry-after')]);
  });

  it.each([
    ['a missing file', ['nothing.har'], /cannot read nothing\.har.*recording\/not-found/],
    ['an empty file', ['traffic.har'], /recording\/unknown-format/],
    [
      'a host without requests',
      [join(SAMPLES, 'spans.json'), '--host', 'api.example.com'],
      /recording\/no-requests[\s\S]*include them with --host api\.openai\.com/,
    ],
    ['an invalid map', [join(SAMPLES, 'calls.jsonl'), '--map', 'ts=at'], /unknown field ts/],
    ['an unknown format', ['traffic.har', '--format', 'pcap'], /Allowed choices are har, jsonl, nginx, litellm, otel/],
  ])('%s: exit 2, writes nothing', async (_name, args, expected) => {
    const { cwd, code, stderr, stdout } = await analyze(args);
    expect(stderr).toMatch(expected);
    expect([code, stdout]).toEqual([2, '']);
    expect(existsSync(join(cwd, 'reports'))).toBe(false);
  });

  it('--help lists the fields that can be mapped', async () => {
    const { stdout } = await analyze(['--help']);
    for (const field of ['at', 'duration', 'retryAfterMs', 'idempotencyKey', 'completionTokens'])
      expect(stdout).toContain(field);
  });
});
