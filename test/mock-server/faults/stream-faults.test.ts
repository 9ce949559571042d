import { describe, expect, it } from 'vitest';
import { DIALECTS, type DialectName } from '../../../mock-server/dialects/dialects.ts';
import { streamedChars } from '../../../mock-server/dialects/streamed-chars.ts';
import type { FaultEffect } from '../../../mock-server/faults/fault.ts';
import type { ProviderRequest, Reply } from '../../../mock-server/reply.ts';
import { KEY, post, provider, S, START_US, text } from '../openai-provider.ts';

const messages = [{ role: 'user', content: 'hi' }];
const request = (path: string, body: object): ProviderRequest =>
  post(path, body, { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'x-goog-api-key': KEY });
const gemini = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };
const openaiChat = { model: 'gpt-4o-mini', messages, stream: true };

/** One streamed request in each format of each dialect, and the event that ends the stream; Gemini sends none. */
const STREAMS: readonly (readonly [name: string, DialectName, ProviderRequest, end: string | undefined])[] = [
  ['chat completions', 'openai', request('/v1/chat/completions', openaiChat), '[DONE]'],
  [
    'responses',
    'openai',
    request('/v1/responses', { model: 'gpt-4o-mini', input: 'hi', stream: true }),
    'response.completed',
  ],
  [
    'completions',
    'openai',
    request('/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: 'hi', stream: true }),
    '[DONE]',
  ],
  ['azure', 'azure', request('/openai/v1/chat/completions', openaiChat), '[DONE]'],
  [
    'messages',
    'anthropic',
    request('/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 50, messages, stream: true }),
    'message_stop',
  ],
  [
    'gemini events',
    'gemini',
    request('/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', gemini),
    undefined,
  ],
  ['gemini array', 'gemini', request('/v1beta/models/gemini-2.5-flash:streamGenerateContent', gemini), undefined],
];

/** A stream of `one two three four five`: the first token after 300 ms, each further one 10 ms later. */
function reply(dialect: DialectName, sent: ProviderRequest, does?: FaultEffect): Reply {
  const faults = does ? [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does }] : [];
  return provider({ dialect, faults, answer: { fixed: 'one two three four five' }, models: 'any' }).receive(
    sent,
    START_US,
  );
}

const chars = (dialect: DialectName, { frames }: Reply): number => streamedChars(frames, DIALECTS[dialect].reader);

describe.each(STREAMS)('%s', (_name, dialect, sent, end) => {
  const whole = reply(dialect, sent);

  it('is answered without a fault', () => {
    expect(whole.status, text(whole)).toBe(200);
    expect(chars(dialect, whole)).toBe('one two three four five'.length);
  });

  it('truncate after 2 tokens: sends two words, whatever events come before them', () => {
    const broken = reply(dialect, sent, { kind: 'truncate', after: { tokens: 2 } });
    expect(chars(dialect, broken)).toBe('one two'.length);
    expect(broken).toMatchObject({ ending: 'truncate', view: { sentChars: 7 } });
  });

  it('truncate after more tokens than there are: only the last event is missing', () => {
    const broken = reply(dialect, sent, { kind: 'truncate', after: { tokens: 100 } });
    expect(broken.frames).toHaveLength(whole.frames.length - 1);
  });

  it('stall by 30 s: two words, silence, then the connection breaks', () => {
    const stalled = reply(dialect, sent, { kind: 'stall', after: { tokens: 2 }, byUs: 30 * S });
    expect(chars(dialect, stalled)).toBe(7);
    expect(stalled.frames.slice(-2).map(({ afterUs }) => afterUs)).toEqual([310_000, 30_310_000]);
    expect(stalled).toMatchObject({ ending: 'truncate', view: { fault: 'stall', sentChars: 7 } });
  });

  it('stall: stays open without an end', () => {
    const stalled = reply(dialect, sent, { kind: 'stall', after: { tokens: 2 } });
    expect(chars(dialect, stalled)).toBe(7);
    expect(stalled.ending).toBe('stall');
  });

  it('slow-body: the head on time, the first token late', () => {
    const slow = reply(dialect, sent, { kind: 'slow-body', byUs: 20 * S });
    expect(slow.headAfterUs).toBe(whole.headAfterUs);
    expect(slow.frames.map(({ afterUs }) => afterUs - 20 * S)).toEqual(whole.frames.map(({ afterUs }) => afterUs));
  });

  it('malformed-event: one more event that is no JSON, and the whole answer', () => {
    const damaged = reply(dialect, sent, { kind: 'malformed-event', after: { tokens: 2 } });
    const original = whole.frames.map((frame) => frame.text.length);
    expect(damaged.frames).toHaveLength(original.length + 1);
    const unread = damaged.frames.filter((frame) => !isReadable(frame.text));
    expect(unread).toHaveLength(1);
    expect(damaged.frames.indexOf(unread[0]!)).toBe(
      2 + whole.frames.findIndex(({ text: event }) => /\bone\b/.test(event)),
    );
  });

  it('missing-end: the whole answer without the event that ends the stream', () => {
    const unended = reply(dialect, sent, { kind: 'missing-end' });
    expect(unended.ending).toBe('complete');
    expect(chars(dialect, unended)).toBe('one two three four five'.length);
    expect(unended.frames).toHaveLength(whole.frames.length - (end === undefined ? 0 : 1));
    if (end === undefined) return;
    expect(text(whole)).toContain(end);
    expect(text(unended)).not.toContain(end);
  });
});

/** Whether the data of an event, or a piece of a JSON array, is JSON. */
function isReadable(frame: string): boolean {
  const data = frame
    .replace(/^event: .*\n/, '')
    .replace(/^(data: |\[|,)\s*/, '')
    .trim();
  if (data === '[DONE]') return true;
  try {
    JSON.parse(data.replace(/\]$/, ''));
    return true;
  } catch {
    return false;
  }
}

describe('a body that is not streamed', () => {
  const sent = request('/v1/chat/completions', { ...openaiChat, stream: false });
  const length = text(reply('openai', sent)).length;

  it('slow-body: the head on time', () => {
    expect(reply('openai', sent, { kind: 'slow-body', byUs: 20 * S })).toMatchObject({
      headAfterUs: 340_000,
      frames: [{ afterUs: 20_340_000 }],
    });
  });

  it('stall: half of it, then silence', () => {
    const stalled = reply('openai', sent, { kind: 'stall', after: { tokens: 2 }, byUs: 30 * S });
    expect(text(stalled)).toHaveLength(Math.floor(length / 2));
    expect(stalled.frames.at(-1)).toEqual({ afterUs: 30_340_000, text: '' });
  });

  it('malformed-event: no JSON', () => {
    expect(() => JSON.parse(text(reply('openai', sent, { kind: 'malformed-event', after: 1 })))).toThrow(SyntaxError);
  });

  it('missing-end: unharmed', () => {
    expect(text(reply('openai', sent, { kind: 'missing-end' }))).toHaveLength(length);
  });
});

it('hang by 2 min: nothing, then the connection breaks; nothing is charged', () => {
  const hung = reply('openai', request('/v1/chat/completions', openaiChat), { kind: 'hang', byUs: 120 * S });
  expect(hung).toMatchObject({
    ending: 'reset',
    headAfterUs: 120 * S,
    frames: [],
    view: { fault: 'hang', limits: [] },
  });
});
