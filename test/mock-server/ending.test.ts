import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES, DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { PlainPrompt } from '../../mock-server/dialects/reader.ts';
import { type AttemptFacts, endingKind, endingOf, isAnswered } from '../../mock-server/ending.ts';
import type { FaultEffect } from '../../mock-server/faults/fault.ts';
import type { Reply } from '../../mock-server/reply.ts';
import { provider, START_US } from './openai-provider.ts';

const KEY = 'key-0123456789';

/** The reply to a plain prompt that a fault hits, and how it ends if the client reads it to its end. */
function damaged(dialect: DialectName, does: FaultEffect, stream: boolean): { reply: Reply; facts: AttemptFacts } {
  const target = provider({
    dialect,
    keys: 'any',
    models: 'any',
    faults: [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does }],
  });
  const { environment, reader } = DIALECTS[dialect];
  const { baseVariable, path, headers, body } = reader.promptFormat;
  const prompt: PlainPrompt = { model: 'm', prompt: 'Tell me a story of the sea.', maxTokens: 20, stream };
  const base = new URL(environment('http://localhost', KEY)[baseVariable]!).pathname.replace(/\/$/, '');
  const request = { method: 'POST', target: base + path(prompt), headers: headers(KEY), ip: '127.0.0.1' };
  const reply = target.receive({ ...request, body: JSON.stringify(body(prompt)) }, START_US);
  const outcome = reply.ending === 'complete' ? 'response' : 'reset';
  return { reply, facts: { ...reply.view, outcome, ...(reply.status > 0 && { headersUs: START_US }) } };
}

describe.each(DIALECT_NAMES)('%s: how a damaged reply ended', (dialect) => {
  it.each<[name: string, does: FaultEffect, stream: boolean, ending: object]>([
    ['an error inside a 200', { kind: 'error-in-200' }, false, { kind: 'unreadable', source: 'body', again: 'later' }],
    ['an error in place of a stream', { kind: 'error-in-200' }, true, { kind: 'unreadable', source: 'body', chars: 0 }],
    [
      'JSON without its last brace',
      { kind: 'malformed-json' },
      false,
      { kind: 'unreadable', source: 'body', chars: 0 },
    ],
    ['half a body', { kind: 'quiet-end', after: 3 }, false, { kind: 'unreadable', source: 'body', again: 'now' }],
    ['events that are no JSON', { kind: 'malformed-json' }, true, { kind: 'unreadable', source: 'body', chars: 0 }],
    ['the wrong type', { kind: 'content-type', type: 'text/html' }, false, { kind: 'unreadable', source: 'body' }],
    ['the wrong type of a stream', { kind: 'content-type', type: 'text/html' }, true, { kind: 'unreadable' }],
    [
      'overload in a stream, before its text',
      { kind: 'error-event', after: 0, code: 'server_is_overloaded' },
      true,
      { kind: 'overloaded', source: 'event', again: 'later', chars: 0 },
    ],
    [
      'a refusal in a stream',
      { kind: 'error-event', after: 6, code: 'rate_limit_exceeded' },
      true,
      { kind: 'refused', source: 'event', again: 'later' },
    ],
    [
      'a stream that ends early, without a word',
      { kind: 'quiet-end', after: 6 },
      true,
      { kind: 'broken', source: 'body', place: 'in-stream', again: 'unknown' },
    ],
    [
      'a stream that breaks',
      { kind: 'truncate', after: 6 },
      true,
      { kind: 'broken', source: 'socket', place: 'in-stream', again: 'unknown' },
    ],
    [
      'a stream that breaks before its text',
      { kind: 'truncate', after: 0 },
      true,
      { kind: 'broken', source: 'socket', place: 'after-head', again: 'now', chars: 0 },
    ],
    ['a reset', { kind: 'reset' }, false, { kind: 'broken', source: 'socket', place: 'before-head', again: 'now' }],
    ['a delay', { kind: 'slow', byUs: 1 }, true, { kind: 'answered', source: 'status', again: 'never' }],
  ])('%s', (_name, does, stream, ending) => {
    const { facts } = damaged(dialect, does, stream);
    expect(endingOf(facts)).toMatchObject(ending);
  });

  it('counts the text that came before the break, and no more', () => {
    const { facts } = damaged(dialect, { kind: 'truncate', after: 6 }, true);
    const { chars } = endingOf(facts);
    expect(chars).toBeGreaterThan(0);
    expect(chars).toBeLessThan(facts.answerChars!);
  });

  it('the code stood in the body or the event, whatever the status', () => {
    const codes = (does: FaultEffect, stream: boolean) => endingOf(damaged(dialect, does, stream).facts).code;
    expect(codes({ kind: 'error-in-200' }, false)).toBeDefined();
    expect(codes({ kind: 'error-event', after: 4, code: 'rate_limit_exceeded' }, true)).toMatch(
      /rate_limit|RESOURCE_EXHAUSTED/,
    );
  });

  it('a type that fits is no defect', () => {
    const type = 'application/json; charset=latin1';
    expect(isAnswered(damaged(dialect, { kind: 'content-type', type }, false).facts)).toBe(true);
  });
});

it('a stream that lacks only its last event is answered, as its text is complete', () => {
  const after = 10_000;
  expect(endingOf(damaged('openai', { kind: 'quiet-end', after }, true).facts)).toMatchObject({ kind: 'answered' });
  expect(endingOf(damaged('anthropic', { kind: 'quiet-end', after }, true).facts)).toMatchObject({ kind: 'answered' });
});

describe('by status, code and outcome', () => {
  const facts = (rest: Partial<AttemptFacts>): AttemptFacts => ({ outcome: 'response', status: 200, ...rest });

  it.each<[Partial<AttemptFacts>, string, string]>([
    [{ status: 200 }, 'answered', 'never'],
    [{ status: 429 }, 'refused', 'later'],
    [{ status: 429, deniedBy: 'tokens' }, 'refused', 'never'],
    [{ status: 429, deniedBy: 'tokens', admitAfterUs: 5 }, 'refused', 'later'],
    [{ status: 429, shouldRetry: false }, 'refused', 'never'],
    [{ status: 503, errorCode: 'slow_down' }, 'refused', 'later'],
    [{ status: 429, errorCode: 'insufficient_quota' }, 'spent', 'never'],
    [{ status: 403, errorType: 'insufficient_quota' }, 'spent', 'never'],
    [{ status: 402 }, 'spent', 'never'],
    [{ status: 529 }, 'overloaded', 'later'],
    [{ status: 503, errorCode: 'server_is_overloaded' }, 'overloaded', 'later'],
    [{ status: 503 }, 'failed', 'later'],
    [{ status: 500, errorCode: 'insufficient_quota' }, 'failed', 'later'],
    [{ status: 501 }, 'failed', 'unknown'],
    [{ status: 408 }, 'failed', 'later'],
    [{ status: 409 }, 'failed', 'unknown'],
    [{ status: 409, shouldRetry: true }, 'failed', 'later'],
    [{ status: 401 }, 'rejected', 'never'],
    [{ status: 400, shouldRetry: true }, 'rejected', 'later'],
    [{ status: 302 }, 'failed', 'unknown'],
    [{ status: 200, defect: 'error-body', errorCode: '429' }, 'refused', 'later'],
    [{ status: 200, defect: 'error-body', errorCode: 'insufficient_quota' }, 'spent', 'never'],
    [{ status: 200, defect: 'error-body', errorType: 'server_error' }, 'unreadable', 'later'],
    [{ status: 200, defect: 'error-event', errorType: 'api_error' }, 'failed', 'later'],
    [{ status: 200, defect: 'error-event', errorType: 'invalid_request_error' }, 'rejected', 'never'],
    [{ outcome: 'reset', status: 0 }, 'broken', 'now'],
    [{ outcome: 'reset', headersUs: 1, sentChars: 0 }, 'broken', 'now'],
    [{ outcome: 'reset', headersUs: 1, sentChars: 9 }, 'broken', 'unknown'],
    [{ outcome: 'aborted', status: 429 }, 'abandoned', 'unknown'],
    [{ outcome: 'open', status: 200 }, 'open', 'unknown'],
  ])('%o: %s, again %s', (rest, kind, again) => {
    expect(endingOf(facts(rest))).toMatchObject({ kind, again });
  });

  it('journals without defects: a stream with sent characters was broken', () => {
    expect(endingOf(facts({ sentChars: 9, answerChars: 40 }))).toMatchObject({ kind: 'broken', chars: 9 });
  });

  it('the kind alone is the kind of the ending, whatever the facts', () => {
    const some = fc.record(
      {
        outcome: fc.constantFrom('response', 'reset', 'aborted', 'open'),
        status: fc.constantFrom(0, 200, 204, 302, 400, 401, 402, 408, 409, 429, 500, 501, 503, 529),
        errorCode: fc.constantFrom('slow_down', 'insufficient_quota', 'x', '429', 'UNAVAILABLE'),
        errorType: fc.constantFrom('server_error', 'rate_limit_error', 'invalid_request_error'),
        defect: fc.constantFrom('error-body', 'error-event', 'cut-stream', 'not-json', 'content-type'),
        sentChars: fc.nat(9),
        shouldRetry: fc.boolean(),
      },
      { requiredKeys: ['outcome', 'status'] },
    );
    fc.assert(
      fc.property(some, (any) => {
        const { kind, again, chars } = endingOf(any as AttemptFacts);
        expect(kind).toBe(endingKind(any as AttemptFacts));
        expect(isAnswered(any as AttemptFacts)).toBe(kind === 'answered');
        if (kind === 'answered') expect(again).toBe('never');
        if (kind === 'refused' || kind === 'rejected') expect(chars ?? 0).toBe(any.sentChars ?? 0);
      }),
    );
  });
});
