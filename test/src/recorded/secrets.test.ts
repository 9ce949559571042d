import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { parseFieldMap } from '../../../src/recorded/field-map.ts';
import { redact } from '../../../src/recorded/secrets.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { terminalSummary } from '../../../src/report/terminal/terminal.ts';
import { har, harEntry, read } from './traffic.ts';

/** Everything that `analyze` writes or passes on. */
function allOutput(text: string, options: Parameters<typeof read>[1] = {}): string {
  const { records, observations } = read(text, options);
  const run = readRun(records);
  const analysis = analyse(run);
  const summary = terminalSummary(run, analysis, { color: false, width: 120, full: true });
  return [
    JSON.stringify(records),
    JSON.stringify(observations),
    JSON.stringify(summaryJson(run, analysis)),
    summary,
  ].join('\n');
}

/** Long enough not to occur by chance. */
const secret = fc.stringMatching(/^[A-Za-z0-9]{24}$/).filter((text) => /\d/.test(text) && /[A-Za-z]/.test(text));
const secrets = fc.uniqueArray(secret, { minLength: 12, maxLength: 12 });
const status = fc.constantFrom(200, 400, 401, 429, 503);

describe('no output contains a secret of the recording', () => {
  it('HAR: keys in any header or the query, cookies, markers, bodies, error messages', () => {
    fc.assert(
      fc.property(
        secrets,
        status,
        status,
        fc.constantFrom('authorization', 'api-key', 'x-api-key', 'x-goog-api-key'),
        (own, one, two, header) => {
          const [key, query, cookie, prompt, answer, idem, mark, user, error, post, sent, name] = own as [
            string,
            ...string[],
          ];
          const entry = (at: number, code: number): object =>
            harEntry(at, at + 50, code, {
              url: `https://api.openai.com/v1/chat/completions?key=${query}`,
              request: {
                [header]: `Bearer sk-proj-${key}`,
                cookie: `session=${cookie}`,
                'idempotency-key': idem!,
                'x-mark': mark!,
                'x-other': sent!,
              },
              response: { 'set-cookie': `session=${cookie}`, 'x-request-id': sent!, 'retry-after': '1' },
              body: JSON.stringify({
                model: `sk-${name}`,
                user,
                messages: [{ role: 'user', content: `say ${prompt}` }],
                metadata: { post },
              }),
              answer: JSON.stringify(
                code === 200
                  ? { choices: [{ message: { content: answer } }], usage: { prompt_tokens: 1, completion_tokens: 2 } }
                  : {
                      error: {
                        message: `Incorrect key sk-${key} of org-${error}: ${error}`,
                        type: 'requests',
                        code: 'rate_limit_exceeded',
                      },
                    },
              ),
            });
          const out = allOutput(har([entry(0, one), entry(1500, two)]), { marker: { in: 'header', name: 'x-mark' } });
          expect(out).toContain('chat.completions');
          for (const text of own) expect(out).not.toContain(text);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('JSON lines: any field that may have a secret', () => {
    const map = parseFieldMap([
      'at=t:ms,status=s,key=k,call=c,idempotencyKey=i,body=b,responseBody=r,url=u,errorMessage=e,requestHeaders=h',
    ]);
    fc.assert(
      fc.property(secrets, status, (own, code) => {
        const [key, call, idem, body, answer, query, error, header] = own as [string, ...string[]];
        const line = {
          t: 1_795_600_800_000,
          s: code,
          k: key,
          c: call,
          i: idem,
          b: body,
          r: answer,
          e: error,
          u: `https://api.openai.com/v1/responses?api-key=${query}`,
          h: { Authorization: header, Cookie: header },
        };
        const out = allOutput(`${JSON.stringify(line)}\n`, { map });
        expect(out).toContain('responses');
        for (const text of own) expect(out).not.toContain(text);
      }),
      { numRuns: 60 },
    );
  });
});

it('redact keeps the numbers of a refusal message and removes keys and account ids', () => {
  const message =
    'Rate limit reached for gpt-4o-mini in organization org-AbCdEf123456 on tokens per min (TPM): Limit 200000, Used 199000, Requested 1500. Please try again in 150ms. Key sk-proj-abcdefgh12345678.';
  expect(redact(message, 300)).toBe(
    'Rate limit reached for gpt-4o-mini in organization … on tokens per min (TPM): Limit 200000, Used 199000, Requested 1500. Please try again in 150ms. Key ….',
  );
});
