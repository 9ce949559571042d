import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { ProviderRequest, Reply } from '../../../mock-server/reply.ts';
import { json, provider, START_US, text } from '../openai-provider.ts';

const MODELS: Readonly<Record<DialectName, string>> = {
  openai: 'gpt-4o-mini',
  azure: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-flash',
};

/** What one request to a provider gets whose every reply is a fault with this status. */
function answered(dialect: DialectName, status: number): Reply {
  const faults = [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does: { kind: 'status' as const, status } }];
  return provider({ dialect, keys: 'any', faults }).receive(plainRequest(dialect), START_US);
}

function plainRequest(dialect: DialectName): ProviderRequest {
  const { promptFormat } = DIALECTS[dialect].reader;
  const prompt = { model: MODELS[dialect], prompt: 'hello', maxTokens: 20, stream: false };
  const base = { openai: '/v1', azure: '', anthropic: '', gemini: '' }[dialect];
  return {
    method: 'POST',
    target: `${base}/${promptFormat.path(prompt).replace(/^\//, '')}`,
    headers: { 'content-type': 'application/json', ...promptFormat.headers('sk-test-0123456789abcdef') },
    body: JSON.stringify(promptFormat.body(prompt)),
    ip: '127.0.0.1',
  };
}

/** The rows of the table in docs/provider.md: a status, and what each dialect sends with it. */
const ROWS = [
  ...readFileSync(new URL('../../../docs/provider.md', import.meta.url), 'utf8').matchAll(
    /^\| (\d{3}) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$/gm,
  ),
].map(([, status, openai, azure, anthropic, gemini]) => ({
  status: Number(status),
  sends: { openai: openai!, azure: azure!, anthropic: anthropic!, gemini: gemini! },
}));

/** Type and code as the documentation writes them: in the body, and in the journal's view of it. */
function named(reply: Reply): string {
  if (!reply.headers['content-type']!.includes('json')) return 'page';
  const { type, code, status } = json(reply).error as Record<string, unknown>;
  const names = [type, typeof code === 'number' ? status : code].filter((name) => typeof name === 'string');
  expect([reply.view.errorType, reply.view.errorCode].filter((name) => name !== undefined)).toEqual(names);
  return names.map((name) => `\`${name}\``).join(' ');
}

describe('a fault with a status answers as the dialect does', () => {
  it('the table has every status that clients tell apart', () => {
    const all = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 520, 529];
    expect(ROWS.map(({ status }) => status)).toEqual(all);
  });

  it.each(ROWS)('$status', ({ status, sends }) => {
    const dialects = Object.keys(sends) as DialectName[];
    const replies = dialects.map((dialect) => [dialect, answered(dialect, status)] as const);
    expect(replies.map(([, reply]) => reply.status)).toEqual(dialects.map(() => status));
    expect(Object.fromEntries(replies.map(([dialect, reply]) => [dialect, named(reply)]))).toEqual(sends);
  });

  it('in its own words: a client error does not apologise for a fault of the server', () => {
    for (const dialect of Object.keys(MODELS) as DialectName[]) {
      const ofServer = text(answered(dialect, 500));
      for (const { status } of ROWS.filter((row) => row.status < 500)) {
        const body = text(answered(dialect, status));
        expect(body).not.toMatch(/Sorry|nternal server|nternal error|had an error/);
        expect(body).not.toBe(ofServer);
      }
    }
  });

  it('401 and 404 name the key and the model of the request', () => {
    expect(json(answered('openai', 401)).error.message).toMatch(/^Incorrect API key provided: sk-test-\*{12}cdef\. /);
    expect(json(answered('openai', 404)).error.message).toBe(
      'The model `gpt-4o-mini` does not exist or you do not have access to it.',
    );
    expect(json(answered('anthropic', 404)).error.message).toBe('model: claude-sonnet-4-5');
    expect(json(answered('gemini', 404)).error.message).toMatch(
      /^models\/gemini-2\.5-flash is not found for API version/,
    );
    expect(json(answered('azure', 401)).error.message).toMatch(/^Access denied due to invalid subscription key/);
  });
});
