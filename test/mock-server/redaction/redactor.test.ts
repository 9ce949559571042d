import { describe, expect, it } from 'vitest';
import { hideInCommand, secretsInCommand } from '../../../mock-server/redaction/hide-in-command.ts';
import { createRedactor, secretValues } from '../../../mock-server/redaction/redactor.ts';

/** A key without the shape of any issuer's. */
const KEY = 'Zq81mXw0Tr5';

describe('a secret is hidden by its name, in every notation', () => {
  it.each([
    [`api_key=${KEY}`],
    [`apiKey: "${KEY}"`],
    [`{"api_key":"${KEY}","model":"gpt-4o"}`],
    [`{'apiKey': '${KEY}'}`],
    [`{\\"api_key\\": \\"${KEY}\\"}`],
    [`x-api-key: ${KEY}`],
    [`X-Goog-Api-Key: ${KEY}`],
    [`Authorization: Bearer ${KEY}`],
    [`authorization: ${KEY}`],
    [`headers: { Authorization: 'Token ${KEY}', accept: '*/*' }`],
    [`Cookie: session=${KEY}; theme=dark`],
    [`OPENAI_API_KEY=${KEY} node client.mjs`],
    [`export GITHUB_TOKEN='${KEY}'`],
    [`https://host/v1?key=${KEY}&model=x`],
    [`https://host/v1?access_token=${KEY}`],
    [`--pw=${KEY}`],
    [`client.env.PGPASSWORD=${KEY}`],
    [`secret => ${KEY}`],
    [`{"password":"correct horse ${KEY}"}`],
    [`Bearer ${KEY}`],
    [`https://user:${KEY}@host/path`],
    [`postgres://user:${KEY}@db:5432/x`],
    [`user:${KEY}@host`],
    [`-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----`],
  ])('%s', (text) => {
    const shown = createRedactor().text(`before ${text} after`);
    expect(shown).not.toContain(KEY);
    expect(shown).toContain('…');
    expect(shown).toMatch(/^before /);
    // What was redacted once stays as it is.
    expect(createRedactor().text(shown)).toBe(shown);
  });
});

describe('a secret is hidden by its shape', () => {
  it.each([
    'sk-proj-abcdefgh12345678',
    'sk-ant-api03-abcDEF_123-xyz',
    'pk_live_51HabcdefGHIJ',
    'gsk_abcdefghijklmnop1234',
    'xai-abcdefghijklmnop1234',
    'hf_abcdefghijklmnopQRST',
    'AIzaSyA1234567890abcdefghijklmnopqrstuvw',
    'AKIAIOSFODNN7EXAMPLE',
    'ghp_abcdefghijklmnopqrst1234',
    'github_pat_11ABCDEFG0abcdefghij',
    'glpat-abcdefghij_1234567',
    'xoxb-123456789012-abcdefGHI',
    'npm_abcdefghijklmnopqrst',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123_-',
  ])('%s', (key) => {
    const text = `401 Incorrect API key provided (${key}).`;
    expect(createRedactor().text(text)).toBe('401 Incorrect API key provided (…).');
  });
});

describe('a secret is hidden by its value, wherever it comes back', () => {
  it.each([
    ['in words', `bad ${KEY}!`],
    ['within a name', `Error${KEY}`],
    ['in a URL', `/v1/${encodeURIComponent(KEY)}`],
    ['as Base64', Buffer.from(KEY).toString('base64')],
  ])('%s', (_, text) => {
    expect(createRedactor([KEY]).text(text)).not.toContain(KEY);
    expect(createRedactor([KEY]).text(text)).toContain('…');
  });

  it('also if it is learnt later, or a part of another secret', () => {
    const redactor = createRedactor([KEY]);
    expect(redactor.text(`x${KEY}Longer1`)).toBe('x…Longer1');
    redactor.learn([`${KEY}Longer1`]);
    expect(redactor.text(`x${KEY}Longer1`)).toBe('x…');
  });

  it('short words, words of a language and numbers are no values to look for', () => {
    const text = 'production of 17 chat calls, key team';
    expect(createRedactor(['production', '17', 'chat', 'key', 'team', '']).text(text)).toBe(text);
  });
});

it('values of an environment are secret by name or shape, not for standing there', () => {
  const env = {
    OPENAI_API_KEY: KEY,
    MODEL: 'claude-sonnet-4-20250514',
    HOME: '/home/user1',
    DATABASE_URL: 'postgres://app:Pa55word1@db/x',
    OTHER: 'aB3dE6gH9jK2mN5pQ8sT',
    MAX_TOKENS: '4096',
  };
  const redactor = createRedactor(secretValues(env));
  const text = `${KEY} claude-sonnet-4-20250514 /home/user1 Pa55word1 aB3dE6gH9jK2mN5pQ8sT 4096`;
  expect(redactor.text(text)).toBe('… claude-sonnet-4-20250514 /home/user1 … … 4096');
});

describe('what is no secret stays', () => {
  it.each([
    'Rate limit reached for gpt-4o-mini in organization org-AbC on tokens per min (TPM): Limit 200000, Used 199000',
    'token: expected a number; tokens: 5, max_tokens=100, --first-token 300ms, per-token: 12ms, prompt_tokens: 17',
    "SyntaxError: Unexpected token '}' in JSON at position 5; Unexpected token: }",
    'model: claude-sonnet-4-20250514, gpt-4o-mini, text-embedding-3-small, ft:gpt-4o-mini:acme::7p4lURel',
    'request id req_011CUabc123 and chatcmpl-A1b2C3d4E5f6, msg_013Zva2CMHLNnjNjoyRZ8ABC',
    'sha256 9f86d081884c7d65, bucket requests[key=9f86d081884c7d65]',
    'password: missing; authorization: required by the provider; secret is not set',
    'https://example.com/v1/models?limit=10#key and npm:openai@7.57.0, mailto:someone@example.com',
    'at file:///work/client.ts:12:5, at 2026-01-01T00:00:00.000Z, took 12:30',
    'openai/js 7.57.0, Mozilla/5.0 (X11; Linux x86_64)',
    'set --api-key to use it; --token is required; keyboard: qwerty; key: value; author: me',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a shell script says it
    'api_key=$OPENAI_API_KEY, apiKey: process.env.KEY, token=${TOKEN}, password=null',
    'ai-retry 429 Too Many Requests, skeleton-loading-indicator, task-force-alpha-1, risk-assessment',
    'Basic authentication, Bearer authentication, Token bucket',
  ])('%s', (text) => {
    expect(createRedactor().text(text)).toBe(text);
  });
});

describe('control characters', () => {
  it('are shown, not obeyed', () => {
    const text = 'a\u001b[31mred\u0007\b\r\n\tb\u009b\u202e\u2028\u007f\rc';
    expect(createRedactor().text(text)).toBe('a\\u001b[31mred\\u0007\\u0008\n\tb\\u009b\\u202e\\u2028\\u007f\\u000dc');
  });
});

it('a value of objects and lists is redacted at every depth, and keeps hashes', () => {
  const value = {
    key: '9f86d081884c7d65',
    args: [{ api_key: KEY, query: 'weather', nested: { password: 'plain' } }],
    [`Bearer ${KEY}`]: 1,
    count: 3,
    none: null,
  };
  expect(createRedactor().value(value)).toEqual({
    key: '9f86d081884c7d65',
    args: [{ api_key: '…', query: 'weather', nested: { password: '…' } }],
    'Bearer …': 1,
    count: 3,
    none: null,
  });
});

describe('command lines', () => {
  const shown = (...words: string[]): string => hideInCommand(words).join(' ');

  it.each([
    [['mysql', `-p${KEY}`, '-P', '3306'], 'mysql -p… -P 3306'],
    [['client', '-pSECRET'], 'client -p…'],
    [['curl', '-H', `Authorization: Bearer ${KEY}`], 'curl -H Authorization: Bearer …'],
    [['curl', '-H', 'Authorization: Bearer S'], 'curl -H Authorization: …'],
    [['curl', '-H', 'x-api-key: s'], 'curl -H x-api-key: …'],
    [['curl', '-u', `me:${KEY}`], 'curl -u me:…'],
    [['curl', `https://me:${KEY}@host/`], 'curl https://me:…@host/'],
    [['curl', '-d', `{"api_key":"s"}`], 'curl -d {"api_key":"…"}'],
    [['client', '--pw=S'], 'client --pw=…'],
    [['client', '--api-key', 's'], 'client --api-key …'],
    [['client', '--key', KEY], 'client --key …'],
    [['env', 'API_KEY=s', 'client'], 'env API_KEY=… client'],
    [['sh', '-c', `client --token s && echo -p${KEY}`], 'sh -c client --token … && echo -p…'],
    [['sh', '-c', `curl -H "Authorization: Bearer S" -u 'a:${KEY}' x`], `sh -c curl -H "Authorization: …" -u 'a:…' x`],
    [['bash', '-c', `API_KEY=s; export PW="t"; run`], 'bash -c API_KEY=…; export PW="…"; run'],
    [['sshpass', '-p', 's', 'ssh', 'host'], 'sshpass -p … ssh host'],
    [['redis-cli', '-a', 's'], 'redis-cli -a …'],
  ])('%j', (words, text) => {
    expect(shown(...words)).toBe(text);
  });

  it.each([
    [['docker', 'run', '-p', '80:80', '-u', '1000:1000', 'image']],
    [['go', 'test', '-parallel', '4', '-p4']],
    [['mkdir', '-p', 'a/b']],
    [['ls', '-pl']],
    [['pytest', '-p', 'no:cacheprovider', '-x', '--max-tokens', '100']],
    [['client', '--model', 'gpt-4o', '--first-token', '300ms', '--token', '--verbose']],
    [['node', '-e', 'const tokens = 5; console.log(tokens)']],
    [['sh', '-c', 'echo "a b"  |  grep \'c d\'']],
  ])('%j stays', (words) => {
    expect(hideInCommand(words)).toEqual(words);
  });

  it('tell their secrets, to be recognised elsewhere', () => {
    const words = ['client', '--api-key', KEY, `--pw=${KEY}2`, `-p${KEY}3`, 'plain'];
    expect(secretsInCommand(words)).toEqual([KEY, `${KEY}2`, `${KEY}3`]);
  });
});

it('long texts of pieces that begin secrets are read in linear time', () => {
  const redactor = createRedactor([KEY]);
  for (const piece of [
    'a',
    'sk-',
    'eyJa.',
    'key=',
    'user:',
    'Bearer ',
    '{"a":"',
    '-----BEGIN PRIVATE KEY-----',
    '://',
    '\u001b',
    'aA1_-',
  ]) {
    const before = process.cpuUsage().user;
    redactor.text(piece.repeat(Math.ceil(200_000 / piece.length)));
    expect([piece, Math.floor((process.cpuUsage().user - before) / 2e6)]).toEqual([piece, 0]);
  }
});
