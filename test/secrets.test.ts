import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAdmin } from '../mock-server/admin.ts';
import { listen } from '../mock-server/listen.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { parseFaults, parseLimits } from '../src/scenario/parse-parts.ts';
import { outcomeOf } from './in-process.ts';
import { HI, provider } from './mock-server/openai-provider.ts';
import { har, harEntry } from './src/recorded/traffic.ts';

/**
 * A key of its own in every place where a key can stand. None has the shape of an issuer's, so that each place has to be known.
 * They are put together at run time: the sources of a client are no output.
 */
const keyOf = (place: string): string => `Zq7${Buffer.from(place).toString('hex').slice(0, 12)}Xw`;

const CLIENT = `
const keyOf = (place) => 'Zq7' + Buffer.from(place).toString('hex').slice(0, 12) + 'Xw';
export default async function (call, { env }) {
  const own = keyOf('header');
  const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions?api_key=' + keyOf('query'), {
    method: 'POST',
    headers: {
      authorization: 'Bearer ' + own,
      'content-type': 'application/json',
      'user-agent': 'agent/1.0 token=' + keyOf('agent') + ' ' + env.DATABASE_PASSWORD,
      'x-quotalab-job': 'job-password=' + keyOf('job'),
      'idempotency-key': keyOf('idempotency'),
    },
    body: JSON.stringify({
      model: call.model,
      messages: [{ role: 'user', content: call.prompt + ' ' + keyOf('message') }],
      user: keyOf('user'),
    }),
  });
  await response.text();
  // A key without a shape is known once it is sent.
  console.log('using ' + own, 'and api_key=' + keyOf('printed'), env.DATABASE_PASSWORD);
  console.error('Authorization: Bearer ' + keyOf('stderr'));
  const error = new Error('refused ' + own + ' {"api_key":"' + keyOf('json') + '"} https://me:' + keyOf('url') + '@host/ ' + env.DATABASE_PASSWORD + ' ' + env.INHERITED_TOKEN);
  error.name = 'Refused token=' + keyOf('name');
  error.code = 'x-api-key: ' + keyOf('code');
  error.status = response.status;
  throw error;
}
`;

const PLACES = 'header printed stderr query agent job idempotency message user json url name code'.split(' ');

const SCENARIO = `
name: secrets
about: 'an endpoint with password=${keyOf('about')}'
client: { module: ./client.mjs, env: { DATABASE_PASSWORD: ${keyOf('env')}, OPENAI_API_KEY: ${keyOf('client-env')} } }
call: { prompt: 'say apiKey: "${keyOf('prompt')}" {id}' }
load: [{ executor: per-vu-iterations, vus: 2, iterations: 3 }]
provider:
  keys: any
  limits: ['requests 2/min']
  answer:
    rules:
      - match: { userMessage: say }
        response: { toolCalls: [{ name: login, arguments: { password: ${keyOf('tool')} } }] }
`;

const IN_SCENARIO = 'about env client-env prompt tool'.split(' ');

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The contents of all files under a folder but its inputs. */
function filesIn(folder: string, inputs: readonly string[]): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !inputs.includes(name) && statSync(join(folder, name)).isFile() && !name.endsWith('.png'))
    .map((name) => `${name}\n${readable(readFileSync(join(folder, name), 'utf8'))}`)
    .join('\n');
}

/** A page holds its data compressed. */
function readable(text: string): string {
  const [, packed] = /id="data">([^<]+)</.exec(text) ?? [];
  return packed === undefined ? text : text + gunzipSync(Buffer.from(packed, 'base64')).toString();
}

function placesIn(text: string, places: readonly string[]): string[] {
  return places.filter((place) => {
    const key = keyOf(place);
    return [key, encodeURIComponent(key), Buffer.from(key).toString('base64')].some((form) => text.includes(form));
  });
}

describe('a key in every place is in no output', () => {
  it.each(['virtual', 'wall'])('of run in %s time, and of what reads its journal', async (time) => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-secrets-'));
    writeFileSync(join(cwd, 'client.mjs'), CLIENT);
    writeFileSync(join(cwd, 'scenario.yaml'), `${SCENARIO}time: ${time}\n`);
    vi.stubEnv('INHERITED_TOKEN', keyOf('inherited'));
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(cwd, 'step.md'));
    const at = (name: string): string => join(cwd, name);
    const ci = ['--github', '--junit', at('junit.xml'), '--no-charts'];
    const told: string[] = [];
    for (const words of [
      ['run', at('scenario.yaml'), '-o', at('out'), '--full', ...ci],
      [
        'run',
        at('scenario.yaml'),
        '-o',
        at('json'),
        '--json',
        '--baseline',
        at('base.json'),
        '--update-baseline',
        ...ci,
      ],
      ['report', at('out/journal.jsonl'), '-o', at('again'), '--full', ...ci],
      ['fingerprint', at('out/journal.jsonl')],
      ['compare', at('out'), at('json'), '--github'],
      ...['har', 'csv', 'prometheus'].map((format) => ['export', format, at('out/journal.jsonl')]),
    ]) {
      const { code, text } = await outcomeOf(words);
      expect([words[0], code === 0 || code === 99, text]).toEqual([words[0], true, text]);
      told.push(text);
    }
    const all = [...told, filesIn(cwd, ['client.mjs', 'scenario.yaml'])].join('\n');
    // All of it has happened, and is told.
    expect(all).toContain('using … and api_key=…');
    expect(all).toContain('Refused token=…');
    expect(all).toContain('agent/1.0 token=…');
    expect(all).toContain('refused …');
    expect(all).toContain('"kind":"run"');
    expect(placesIn(all, [...PLACES, ...IN_SCENARIO, 'inherited'])).toEqual([]);
  });

  it('of a client that crashes, and of one that cannot be imported', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-secrets-'));
    const say = "'Bearer ' + 'Zq7' + Buffer.from('crash').toString('hex') + 'Xw ' + process.env.DATABASE_PASSWORD";
    writeFileSync(
      join(cwd, 'client.mjs'),
      `export default async () => { setTimeout(() => { throw new Error(${say}) }, 5); await new Promise((wake) => setTimeout(wake, 50)); };`,
    );
    writeFileSync(join(cwd, 'import.mjs'), `throw new Error(${say});`);
    writeFileSync(join(cwd, 'scenario.yaml'), SCENARIO);
    for (const words of [[], ['--set', 'client.module=./import.mjs'], ['--set', 'time=virtual']]) {
      const { code, text } = await outcomeOf([
        'run',
        join(cwd, 'scenario.yaml'),
        '-q',
        '--no-charts',
        '-o',
        join(cwd, 'out'),
        ...words,
      ]);
      expect([code, text]).toEqual([2, expect.stringContaining('Bearer …')]);
      expect(placesIn(text + filesIn(cwd, ['client.mjs', 'import.mjs', 'scenario.yaml']), ['crash', 'env'])).toEqual(
        [],
      );
    }
  });

  it('of exec: its command line in ten notations', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-secrets-'));
    const send = `fetch(process.env.OPENAI_BASE_URL + '/models', { headers: { authorization: 'Bearer ' + process.argv.at(-1) } }).then((r) => r.text())`;
    const notations = [
      ['--api-key', keyOf('flag')],
      [`--pw=${keyOf('equals')}`],
      [`-p${keyOf('short')}`],
      ['-H', `Authorization: Bearer ${keyOf('bearer')}`],
      ['-H', `x-api-key: ${keyOf('x-header')}`],
      ['-u', `me:${keyOf('user-pw')}`],
      [`https://me:${keyOf('address')}@host/path`],
      [`https://host/path?access_token=${keyOf('parameter')}`],
      ['-d', `{"api_key":"${keyOf('body')}"}`],
      [`TOKEN=${keyOf('variable')}`],
      ['-c', `client --token ${keyOf('script')} && PASSWORD='${keyOf('assigned')}' x`],
      ['--secret', keyOf('sent')],
    ];
    const command = [process.execPath, '-e', send, '--', ...notations.flat()];
    const { code, text } = await outcomeOf([
      'exec',
      '--unlimited',
      '--no-charts',
      '--full',
      '-o',
      join(cwd, 'out'),
      '--junit',
      join(cwd, 'j.xml'),
      '--',
      ...command,
    ]);
    const all = text + filesIn(cwd, []);
    expect([code, all.includes('--api-key …')]).toEqual([0, true]);
    const places =
      'flag equals short bearer x-header user-pw address parameter body variable script assigned sent'.split(' ');
    expect(placesIn(all, places)).toEqual([]);
  });

  it('of analyze: a HAR with a key in each of its parts', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'quotalab-secrets-'));
    const entry = (at: number, status: number) =>
      harEntry(at, at + 50, status, {
        url: `https://api.openai.com/v1/chat/completions?key=${keyOf('har-query')}`,
        request: {
          authorization: `Bearer ${keyOf('har-header')}`,
          cookie: `s=${keyOf('har-cookie')}`,
          'user-agent': `x/1 password=${keyOf('har-agent')}\u001b[31m`,
        },
        body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: keyOf('har-prompt') }] }),
        answer: JSON.stringify(
          status === 200 ? { choices: [] } : { error: { message: `Bearer ${keyOf('har-error')}` } },
        ),
      });
    writeFileSync(join(cwd, 'traffic.har'), har([entry(0, 429), entry(1500, 200)]));
    const { code, text } = await outcomeOf([
      'analyze',
      join(cwd, 'traffic.har'),
      '--full',
      '--learn-limits',
      '--no-charts',
      '-o',
      join(cwd, 'out'),
      '--junit',
      join(cwd, 'j.xml'),
    ]);
    const all = text + filesIn(cwd, ['traffic.har']);
    expect([code, all.includes('x/1 password=…')]).toEqual([0, true]);
    const places = 'har-query har-header har-cookie har-agent har-prompt har-error'.split(' ');
    expect(placesIn(all, places)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal would obey.
    expect(all).not.toMatch(/\u001b/);
  });

  it('of the admin routes', async () => {
    const { nowUs } = wallClock();
    const tested = provider({ latency: { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } } });
    const server = await listen(tested, { nowUs, admin: createAdmin(tested, { nowUs, parseLimits, parseFaults }) });
    const get = (path: string, body?: object): Promise<string> =>
      new Promise((resolve, reject) => {
        const headers = {
          authorization: `Bearer ${keyOf('bearer')}`,
          'user-agent': `agent ${keyOf('bearer')} token=${keyOf('agent')}`,
          'x-quotalab-call': `key ${keyOf('bearer')}`,
          'x-quotalab-job': `password=${keyOf('job')}`,
        };
        const sent = request(
          `${server.url}${path}`,
          { method: body ? 'POST' : 'GET', ...(body && { headers }) },
          (reply) => {
            let text = '';
            reply.setEncoding('utf8').on('data', (piece: string) => {
              text += piece;
            });
            reply.on('end', () => resolve(text));
          },
        );
        sent.on('error', reject);
        sent.end(body && JSON.stringify(body));
      });
    try {
      await get('/v1/chat/completions', HI);
      const paths = [
        'state',
        'journal',
        'signals',
        `journal?status=token=${keyOf('query')}`,
        `x?api_key=${keyOf('path')}`,
      ];
      const all = (await Promise.all([...paths.map((path) => get(`/__quotalab/${path}`)), get('/metrics')])).join('\n');
      expect(all).toContain('agent … token=…');
      expect(placesIn(all, 'bearer agent job query path'.split(' '))).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
