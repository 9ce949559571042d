import { describe, expect, it } from 'vitest';
import { endingOf } from '../../../mock-server/ending.ts';
import type { ProviderView } from '../../../mock-server/reply.ts';
import { type ObservedExchange, settleOutcome, viewThroughGateway } from '../../../src/gateway/observed-exchange.ts';

const event = (content: string, reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: reason }] })}\n\n`;
const DONE = 'data: [DONE]\n\n';

const sent = (rest: Partial<ProviderView>): ProviderView => ({
  endpoint: 'chat.completions',
  status: 200,
  limits: [],
  bodyHash: 'b',
  bodyBytes: 2,
  stream: true,
  answerChars: 10,
  ...rest,
});

/** How an attempt ended whose reply the gateway passed on as `responseBody`. */
function endedAs(responseBody: string | undefined, provider: ProviderView, rest: Partial<ObservedExchange> = {}) {
  const observed: ObservedExchange = {
    id: '1',
    method: 'POST',
    target: '/v1/chat/completions',
    requestHeaders: {},
    requestBody: '{}',
    status: 200,
    responseHeaders: { 'content-type': 'text/event-stream' },
    ...(responseBody !== undefined && { responseBody }),
    startUs: 0,
    headersUs: 1000,
    endUs: 2000,
    outcome: 'response',
    ...rest,
  };
  const { view } = viewThroughGateway(observed, { views: [provider], isUnclear: false }, (text) => text);
  return endingOf({ ...view, outcome: observed.outcome, headersUs: 1000 });
}

describe('a reply through a gateway ended as the client received it', () => {
  const broken = sent({ sentChars: 5 });

  it('a stream that the provider broke and the gateway closed in order was cut', () => {
    expect(endedAs(event('Hello'), broken)).toMatchObject({ kind: 'broken', chars: 5, source: 'body' });
  });

  it('also if the gateway added the end that the client waits for', () => {
    expect(endedAs(event('Hello', 'stop') + DONE, broken)).toMatchObject({ kind: 'broken', chars: 5 });
  });

  it('a gateway that repaired it answered', () => {
    expect(endedAs(event('Hello'.repeat(2), 'stop') + DONE, broken)).toMatchObject({ kind: 'answered' });
  });

  it('a gateway that passed on the break broke', () => {
    expect(endedAs(event('Hello'), broken, { outcome: 'reset' })).toMatchObject({ kind: 'broken', source: 'socket' });
  });

  it('a sound reply that the gateway replaced by an error in a 200', () => {
    const body = '{"error":{"type":"server_error"}}';
    expect(endedAs(body, sent({}))).toMatchObject({ kind: 'unreadable', code: 'server_error' });
  });

  it('without the body, what the provider sent counts', () => {
    expect(endedAs(undefined, sent({ defect: 'error-body', errorType: 'server_error' }))).toMatchObject({
      kind: 'unreadable',
    });
    expect(endedAs(undefined, sent({}))).toMatchObject({ kind: 'answered' });
  });
});

describe('a connection that closes before the gateway has ended the reply', () => {
  const closed = (body: string, outcome: ObservedExchange['outcome'] = 'aborted', status = 200): string =>
    settleOutcome(outcome, status, 'text/event-stream', body);

  it('is an answer if the stream has its last event', () => {
    expect(closed(event('Hello', 'stop') + DONE)).toBe('response');
    expect(closed(event('Hello', 'stop') + DONE, 'open')).toBe('response');
  });

  it('is abandoned if it has not', () => {
    expect(closed(event('Hello'))).toBe('aborted');
    expect(closed('')).toBe('aborted');
    expect(closed(event('Hello', 'stop') + DONE, 'aborted', 500)).toBe('aborted');
  });

  it('stays broken if the gateway broke it', () => {
    expect(closed(event('Hello', 'stop') + DONE, 'reset')).toBe('reset');
  });
});
