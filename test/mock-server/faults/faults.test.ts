import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combine } from '../../../mock-server/faults/combine.ts';
import { createFaults, type Fault, type FaultEffect } from '../../../mock-server/faults/fault.ts';
import { randomFor } from '../../../mock-server/random.ts';
import { chat, events, json, perPeriod, provider, S, START_US, text } from '../openai-provider.ts';

const FOREVER = { fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER };
const facts = { endpoint: 'chat.completions', model: 'm', stream: false, text: 'book a table', userAgent: 'curl/8' };
const reset: FaultEffect = { kind: 'reset' };

/** Which of `count` requests, one per second, are hit: `x` or `.`. */
function film(fault: Partial<Fault>, count: number, seed = 1): string {
  const faults = createFaults([{ ...FOREVER, does: reset, ...fault }], randomFor(seed, 'faults'));
  return Array.from({ length: count }, (_, second) => (faults.next(facts, second * S).length > 0 ? 'x' : '.')).join('');
}

describe('selection', () => {
  it.each([
    ['all', {}, 'xxxxxxxx'],
    ['from 2 s to 5 s', { fromUs: 2 * S, untilUs: 5 * S }, '..xxx...'],
    ['the first two', { first: 2 }, 'xx......'],
    ['every third', { every: 3 }, '..x..x..'],
    ['every second of the first four', { every: 2, first: 4 }, '.x.x....'],
    ['the first two after 3 s', { fromUs: 3 * S, first: 2 }, '...xx...'],
    ['no request of another model', { match: { model: 'other' } }, '........'],
    ['requests whose prompt contains a word', { match: { text: 'table', userAgent: 'curl' } }, 'xxxxxxxx'],
    ['streams only', { match: { stream: true } }, '........'],
    ['another endpoint', { match: { endpoint: 'embeddings' } }, '........'],
  ])('%s', (_name, fault, expected) => {
    expect(film(fault, 8)).toBe(expected);
  });

  it('a share, by seed', () => {
    expect(film({ share: 0.5 }, 40)).toBe(film({ share: 0.5 }, 40));
    expect(film({ share: 0.5 }, 40)).not.toBe(film({ share: 0.5 }, 40, 2));
    const hits = film({ share: 0.1 }, 10_000).replaceAll('.', '').length;
    expect(hits).toBeGreaterThan(900);
    expect(hits).toBeLessThan(1100);
  });

  it('the hits of a fault do not depend on earlier faults in the list', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5 }), (seed, first) => {
        const second = { ...FOREVER, share: 0.5, does: { kind: 'hang' } as const };
        const hits = (faults: Fault[]) => {
          const tested = createFaults(faults, randomFor(seed, 'faults'));
          return Array.from({ length: 30 }, () => tested.next(facts, 0)[0]?.kind);
        };
        const alone = hits([second]);
        const after = hits([{ ...FOREVER, first, does: reset }, second]);
        expect(after.slice(first)).toEqual(alone.slice(first));
        expect(after.slice(0, first)).toEqual(Array(first).fill('reset'));
      }),
    );
  });

  it('the first fault in the list wins', () => {
    const faults = createFaults(
      [
        { ...FOREVER, every: 2, does: reset },
        { ...FOREVER, does: { kind: 'hang' } },
      ],
      () => 0,
    );
    expect([1, 2, 3, 4].map(() => combine(faults.next(facts, 0))[0]?.kind)).toEqual(['hang', 'reset', 'hang', 'reset']);
  });
});

describe('effect on a reply', () => {
  const broken = (does: FaultEffect, body: object = {}) => {
    const tested = provider({ faults: [{ ...FOREVER, does }], limits: [perPeriod('requests', 5, 'min')] });
    const reply = tested.receive(chat(body), START_US);
    const [bucket] = tested.buckets(START_US);
    return { reply, charged: bucket ? 5 - bucket.remaining : 0 };
  };

  it.each([
    ['reset', 'reset'],
    ['hang', 'stall'],
  ] as const)('%s: sends and charges nothing', (kind, ending) => {
    const { reply, charged } = broken({ kind });
    expect(reply).toMatchObject({ status: 0, ending, frames: [], view: { fault: kind, status: 0 } });
    expect(charged).toBe(0);
  });

  it('status: returns an error of the provider', () => {
    const { reply, charged } = broken({ kind: 'status', status: 500 });
    expect(json(reply).error).toMatchObject({ type: 'server_error', code: null });
    expect(charged).toBe(0);
  });

  it('slow: delays the whole reply', () => {
    const { reply, charged } = broken({ kind: 'slow', byUs: 10 * S }, { stream: true });
    expect(reply.headAfterUs).toBe(10 * S + 300_000);
    expect(reply.frames.at(-1)?.afterUs).toBe(10 * S + 370_000);
    expect(charged).toBe(1);
  });

  it('truncate: sends the first frames, then breaks the connection', () => {
    const { reply, charged } = broken({ kind: 'truncate', after: 3 }, { stream: true });
    expect(reply.ending).toBe('truncate');
    expect(reply.frames).toHaveLength(3);
    expect(charged).toBe(1);
  });

  it('truncate: cuts a body that is not streamed in half', () => {
    const { reply } = broken({ kind: 'truncate', after: 3 });
    expect(() => json(reply)).toThrow(SyntaxError);
    expect(text(reply)).toMatch(/^\{"id":"chatcmpl-/);
  });

  it('quiet-end: ends cleanly without a finish reason or [DONE]', () => {
    const { reply } = broken({ kind: 'quiet-end', after: 4 }, { stream: true });
    expect(reply.ending).toBe('complete');
    expect(events(reply).map(({ choices }) => choices[0].finish_reason)).toEqual([null, null, null, null]);
  });

  it('error-event: replaces a body that is not streamed', () => {
    const { reply } = broken({ kind: 'error-event', after: 3, code: 'server_is_overloaded' });
    expect(reply.status).toBe(200);
    expect(json(reply).error).toMatchObject({ type: 'server_error' });
  });

  it('malformed-json: removes the last brace', () => {
    const { reply } = broken({ kind: 'malformed-json' });
    expect(() => json(reply)).toThrow(SyntaxError);
    expect(JSON.parse(`${text(reply)}}`).object).toBe('chat.completion');
  });

  it('content-type: changes the header only', () => {
    const { reply } = broken({ kind: 'content-type', type: 'text/html' });
    expect(reply.headers['content-type']).toBe('text/html');
    expect(json(reply).object).toBe('chat.completion');
  });

  it('error-in-200: sends an error body with status 200', () => {
    const { reply, charged } = broken({ kind: 'error-in-200' });
    expect(reply.status).toBe(200);
    expect(json(reply).error).toMatchObject({ type: 'server_error' });
    expect(charged).toBe(1);
  });

  it('a body fault does not apply to a refusal', () => {
    const tested = provider({
      faults: [{ ...FOREVER, does: { kind: 'malformed-json' } }],
      limits: [perPeriod('requests', 1, 'min')],
    });
    tested.receive(chat(), START_US);
    const reply = tested.receive(chat(), START_US);
    expect(reply.status).toBe(429);
    expect(json(reply).error.code).toBe('rate_limit_exceeded');
  });
});
