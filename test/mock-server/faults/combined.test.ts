import { describe, expect, it } from 'vitest';
import { combine, findHidden } from '../../../mock-server/faults/combine.ts';
import type { Fault, FaultEffect } from '../../../mock-server/faults/fault.ts';
import { parseFaults } from '../../../src/scenario/parse-parts.ts';
import { chat, json, perPeriod, provider, S, START_US, text } from '../openai-provider.ts';

const FOREVER = { fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER };

/** The reply to one request that all of these faults hit. */
function hitBy(effects: readonly FaultEffect[], body: object = {}) {
  const tested = provider({
    faults: effects.map((does) => ({ ...FOREVER, does })),
    limits: [perPeriod('requests', 5, 'min')],
  });
  return tested.receive(chat(body), START_US);
}

const slow: FaultEffect = { kind: 'slow', byUs: 2 * S };
const status: FaultEffect = { kind: 'status', status: 503 };

describe('faults on one request', () => {
  it('an error that is late', () => {
    const reply = hitBy([slow, status]);
    expect(reply).toMatchObject({
      status: 503,
      headAfterUs: 2 * S,
      ending: 'complete',
      view: { fault: 'status+slow' },
    });
    expect(json(reply).error.code).toBe('server_is_overloaded');
  });

  it('delays add up', () => {
    const [late, later] = [hitBy([slow]), hitBy([slow, { kind: 'slow', byUs: S }])];
    expect(later.headAfterUs - late.headAfterUs).toBe(S);
    expect(later.view.fault).toBe('slow');
  });

  it('a refusal with its wait, with the wrong type, cut short', () => {
    const refuse: FaultEffect = { kind: 'refuse', says: 'slow-down', retryAfter: '7' };
    const reply = hitBy([{ kind: 'content-type', type: 'text/html' }, refuse, { kind: 'truncate', after: 3 }]);
    expect(reply).toMatchObject({ status: 429, ending: 'truncate', view: { fault: 'refuse+content-type+truncate' } });
    expect(reply.headers).toMatchObject({ 'content-type': 'text/html', 'retry-after': '7' });
    expect(() => json(reply)).toThrow(SyntaxError);
  });

  it('an answer that is late, of the wrong type, and no JSON', () => {
    const reply = hitBy([{ kind: 'malformed-json' }, { kind: 'content-type', type: 'text/plain' }, slow]);
    expect(reply.headers['content-type']).toBe('text/plain');
    expect(() => JSON.parse(text(reply))).toThrow(SyntaxError);
    expect(reply.view).toMatchObject({ fault: 'malformed-json+content-type+slow', defect: 'not-json' });
  });

  it('a reset after a time, and one more delay', () => {
    expect(hitBy([{ kind: 'reset', afterUs: 2 * S }])).toMatchObject({
      headAfterUs: 2 * S,
      ending: 'reset',
      frames: [],
    });
    expect(hitBy([{ kind: 'reset', afterUs: 2 * S }, slow])).toMatchObject({ headAfterUs: 4 * S, ending: 'reset' });
    expect(hitBy([{ kind: 'hang', byUs: S }, slow])).toMatchObject({ headAfterUs: 3 * S, ending: 'reset' });
  });

  it.each<[string, FaultEffect[], string[]]>([
    ['the first error counts', [status, { kind: 'reset' }, { kind: 'hang' }], ['status']],
    [
      'the first damage of the body counts',
      [
        { kind: 'stall', after: 1 },
        { kind: 'truncate', after: 2 },
      ],
      ['stall'],
    ],
    ['an error has no events', [{ kind: 'missing-end' }, status], ['status']],
    ['silence is only delayed', [{ kind: 'content-type', type: 'x' }, slow, { kind: 'hang' }], ['slow', 'hang']],
  ])('%s', (_name, effects, kinds) => {
    expect(combine(effects).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('faults that another always hides', () => {
  const faults = (...list: (Partial<Fault> & Pick<Fault, 'does'>)[]) => list.map((fault) => ({ ...FOREVER, ...fault }));
  const reset: FaultEffect = { kind: 'reset' };

  it.each<[string, Fault[], number[]]>([
    ['after an error on every request', faults({ does: status }, { does: reset }), [1]],
    ['not before it', faults({ does: reset, share: 0.5 }, { does: status }), []],
    ['not if it hits some', faults({ does: status, every: 2 }, { does: reset }), []],
    ['not if it ends earlier', faults({ does: status, untilUs: 5 * S }, { does: reset }), []],
    ['for one model', faults({ does: status, match: { model: 'a' } }, { does: reset, match: { model: 'a' } }), [1]],
    ['not for another', faults({ does: status, match: { model: 'a' } }, { does: reset, match: { model: 'b' } }), []],
    ['delays never', faults({ does: status }, { does: slow }, { does: slow }), []],
    [
      'damage of an answer that there is not',
      faults({ does: { kind: 'missing-end' }, share: 0.1 }, { does: status }),
      [0],
    ],
  ])('%s', (_name, list, hidden) => {
    expect(findHidden(list).map(({ index }) => index)).toEqual(hidden);
  });

  it('are refused with the reason', () => {
    expect(() => parseFaults({ faults: [{ status: 500 }, { kind: 'reset', rate: '5%' }] })).toThrow(
      expect.objectContaining({
        problems: [
          {
            path: 'faults[1]',
            message: 'never shows: the status of faults[0] takes its place on every request',
            hint: 'give one of them at, for, first, every, rate or match',
          },
        ],
      }),
    );
  });
});

describe('`after` of a reset', () => {
  it('is a time', () => {
    expect(parseFaults({ faults: [{ kind: 'reset', after: '2s' }] })[0]!.does).toEqual({
      kind: 'reset',
      afterUs: 2 * S,
    });
    expect(parseFaults({ faults: [{ kind: 'reset' }] })[0]!.does).toEqual({ kind: 'reset' });
  });

  it.each([
    { kind: 'reset', after: 3 },
    { kind: 'truncate', after: '2s' },
  ])('and of no other fault: %j', (fault) => {
    expect(() => parseFaults({ faults: [fault] })).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ path: 'faults[0].after' })] }),
    );
  });
});
