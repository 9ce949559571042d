import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../src/analysis/run/attempts.ts';
import { describeEnding } from '../../../src/analysis/run/describe-ending.ts';
import { har, harEntry, runOf } from './traffic.ts';

const ERROR = JSON.stringify({ error: { message: 'Try later.', type: 'server_error', code: null } });
const ANSWER = JSON.stringify({ choices: [{ message: { content: 'Hello.' }, finish_reason: 'stop' }] });
const chunk = (content: string, reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: reason }] })}\n\n`;
const STREAM = 'text/event-stream';
const CUT = chunk('Hel') + chunk('lo');

/** An entry whose reply has a status of 200; `size` is that of the whole body, as browsers record it. */
function replied(atMs: number, answer: string, size?: number, type = 'application/json'): object {
  const entry = harEntry(atMs, atMs + 100, 200, {
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [], stream: type === STREAM }),
    response: { 'content-type': type },
    answer,
  }) as { response: { content: { size?: number } } };
  entry.response.content.size = size ?? -1;
  return entry;
}

const ending = (entry: object) => {
  const { attempts } = runOf(har([entry]));
  return { ...endingOf(attempts[0]!), words: describeEnding(attempts[0]!) };
};

describe('how recorded attempts with a status of 200 ended', () => {
  it.each([
    ['an answer', replied(0, ANSWER, ANSWER.length), { kind: 'answered' }],
    ['an error in the body', replied(0, ERROR), { kind: 'unreadable', code: 'server_error', source: 'body' }],
    [
      'a refusal in the body, its code a number',
      replied(0, '{"error":{"message":"Slow down.","code":429}}'),
      { kind: 'refused', code: '429', again: 'later' },
    ],
    [
      'an error event',
      replied(0, `${CUT}data: {"error":{"code":"server_is_overloaded"}}\n\n`, undefined, STREAM),
      {
        kind: 'overloaded',
        source: 'event',
        chars: 5,
        words: 'an error event (server_is_overloaded) after 5 characters',
      },
    ],
    [
      'a failed response of the Responses API',
      replied(
        0,
        'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"rate_limit_exceeded"}}}\n\n',
        undefined,
        STREAM,
      ),
      { kind: 'refused', source: 'event' },
    ],
    ['half a JSON', replied(0, ANSWER.slice(0, 40), 40), { kind: 'unreadable', words: 'a reply that is no JSON' }],
    [
      'a stream that ended short',
      replied(0, CUT, CUT.length, STREAM),
      { kind: 'broken', place: 'in-stream', chars: 5, words: 'a stream cut after 5 characters' },
    ],
    [
      'a stream without its last event, whose text is whole',
      replied(0, CUT + chunk('', 'stop'), 1, STREAM),
      { kind: 'answered' },
    ],
    ['the wrong type', replied(0, ANSWER, ANSWER.length, 'text/html'), { kind: 'unreadable', chars: 6 }],
  ])('%s', (_name, entry, expected) => {
    expect(ending(entry)).toMatchObject(expected);
  });

  it.each([
    ['half a JSON', replied(0, ANSWER.slice(0, 40), ANSWER.length)],
    ['a stream', replied(0, CUT, 10_000, STREAM)],
    ['a body of unknown size', replied(0, CUT, undefined, STREAM)],
  ])('%s that the recorder may have cut is an answer', (_name, entry) => {
    expect(ending(entry)).toMatchObject({ kind: 'answered' });
  });

  it('an error in a 200 and the same request 2 s later are one call, which was answered', () => {
    const { calls } = runOf(har([replied(0, ERROR), replied(2000, ANSWER)]));
    expect(calls.map(({ result, attempts }) => [result, attempts.length])).toEqual([['ok', 2]]);
  });

  it('a call that ended with an error in a 200 failed', () => {
    const { calls } = runOf(har([replied(0, ERROR), harEntry(200_000, 200_100, 200, { body: '{"a":1}' })]));
    expect(calls[0]).toMatchObject({
      result: 'error',
      error: { message: 'the last attempt ended with an error in a 200', status: 200 },
    });
  });
});
