import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../mock-server/faults/fault.ts';
import { findOutages, measureRecovery, type Recovery } from '../../../../src/analysis/judging/recovery.ts';
import { settings } from '../../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

const OUTAGE: Fault = { fromUs: 60e6, untilUs: 90e6, does: { kind: 'status', status: 503 } };
const RANGE = { startUs: 60e6, endUs: 90e6 };

describe('outages', () => {
  const found = (fault: Partial<Fault>, endMs = 300_000) =>
    findOutages(
      runOf([], { head: header([], { provider: settings({ limits: [], faults: [{ ...OUTAGE, ...fault }] }) }), endMs }),
    );

  it.each([
    ['a status', {}, true],
    ['a refusal', { does: { kind: 'refuse', says: { status: 429 } as never } }, true],
    ['resets', { does: { kind: 'reset' } }, true],
    ['hangs', { does: { kind: 'hang' } }, true],
    ['slow replies', { does: { kind: 'slow', byUs: 9e6 } }, false],
    ['truncated replies', { does: { kind: 'truncate', after: 2 } }, false],
    ['every second request', { every: 2 }, false],
    ['the first ten', { first: 10 }, false],
    ['half of the requests', { share: 0.5 }, true],
    ['less than half of the requests', { share: 0.49 }, false],
    ['requests for one model', { match: { model: 'o1' } }, false],
    ['10 s', { untilUs: 70e6 }, true],
    ['less than 10 s', { untilUs: 70e6 - 1 }, false],
    ['until the end of the run', { untilUs: 300e6 }, true],
    ['beyond the end of the run', { untilUs: 300e6 + 1 }, false],
  ] as [string, Partial<Fault>, boolean][])('%s: %s', (_name, fault, is) => {
    expect(found(fault)).toEqual(is ? [{ startUs: 60e6, endUs: fault.untilUs ?? 90e6 }] : []);
  });
});

/** Calls with one attempt each: `perSecond`, evenly, from `fromS` to `untilS`. */
const flow = (name: string, perSecond: number, fromS: number, untilS: number, status = '200'): string =>
  Array.from({ length: Math.round((untilS - fromS) * perSecond) }, (_, n) => {
    const atMs = fromS * 1000 + Math.floor((n * 1000) / perSecond);
    return `${name}${n}.1 ${atMs}-${atMs + 5} ${status}`;
  }).join('\n');

/** Calls that end where they start, without an attempt. */
const silent = (name: string, perSecond: number, fromS: number, untilS: number): string =>
  Array.from({ length: (untilS - fromS) * perSecond }, (_, n) => {
    const atMs = fromS * 1000 + Math.floor((n * 1000) / perSecond);
    return `=> ${name}${n} error at=${atMs} until=${atMs}`;
  }).join('\n');

const recovery = (
  text: string,
  { endS = 300, perSecond = 10, outage = RANGE, faults = [OUTAGE] as readonly Fault[] } = {},
): Recovery => {
  const limits = perSecond === 0 ? [] : [requestLimit(perSecond, 10)];
  const head = header(limits, { provider: settings({ limits, faults }) });
  return measureRecovery(runOf(strip(text), { head, endMs: endS * 1000 }), outage, 0.8);
};
const BEFORE = flow('s', 4, 0, 60);
const DURING = flow('o', 4, 60, 90, '503');
const [FROM, UNTIL] = [90, 300];

describe('recovery after an outage', () => {
  it('calls that are answered at once have recovered at once', () => {
    expect(recovery(`${BEFORE}\n${DURING}\n${flow('t', 4, FROM, UNTIL)}`)).toEqual({
      outage: RANGE,
      affectedCalls: 4 * 30,
      hasRoom: true,
      backlog: 0,
      minDrainUs: 0,
      recoveryUs: 0,
      watchedUs: 210e6,
      started: 840,
      unanswered: [],
    });
  });

  it.each<[string, string, number]>([
    ['calls that fail at once, locally, for 40 s', `${silent('l', 4, 90, 130)}\n${flow('t', 4, 130, UNTIL)}`, 40],
    ['calls that fail for ever', silent('l', 4, 90, UNTIL), Infinity],
    ['attempts that fail for 25 s', `${flow('l', 4, 90, 115, '503')}\n${flow('t', 4, 115, UNTIL)}`, 25],
    ['nobody calls', '', Infinity],
    ['one call in four fails', `${flow('t', 3, FROM, UNTIL)}\n${silent('l', 1, FROM, UNTIL)}`, Infinity],
    ['one call in five fails', `${flow('t', 4, FROM, UNTIL)}\n${silent('l', 1, FROM, UNTIL)}`, 0],
    ['a relapse', `${flow('t', 4, FROM, 150)}\n${silent('l', 4, 150, 170)}\n${flow('u', 4, 170, UNTIL)}`, 80],
  ])('%s', (_name, after, recoveryS) => {
    const { recoveryUs } = recovery(`${BEFORE}\n${DURING}\n${after}`);
    if (recoveryS === Infinity) expect(recoveryUs).toBe(Infinity);
    else expect(Math.abs(recoveryUs / 1e6 - recoveryS)).toBeLessThanOrEqual(0.5);
  });

  it('an answer counts if it comes soon, by the measure of what answers take', () => {
    const late = (waitS: number) =>
      Array.from({ length: 210 }, (_, n) => {
        const atMs = (FROM + n) * 1000;
        return `t${n}.1 ${atMs + waitS * 1000}-${atMs + waitS * 1000 + 5} 200\n=> t${n} ok at=${atMs}`;
      }).join('\n');
    expect(recovery(`${BEFORE}\n${DURING}\n${late(9)}`, { endS: 320 }).recoveryUs).toBe(0);
    expect(recovery(`${BEFORE}\n${DURING}\n${late(11)}`, { endS: 320 }).recoveryUs).toBe(Infinity);
  });

  it('a client that lost half of its calls before need not do better after', () => {
    const half = (name: string, fromS: number, untilS: number) =>
      `${flow(name, 2, fromS, untilS)}\n${flow(`${name}x`, 2, fromS, untilS, '500')}`;
    expect(recovery(`${half('s', 0, 60)}\n${DURING}\n${half('t', FROM, UNTIL)}`).recoveryUs).toBe(0);
  });

  it('few calls are compared over longer windows', () => {
    const rare = (lost: readonly number[]) =>
      Array.from(
        { length: 42 },
        (_, n) => `t${n}.1 ${90_000 + n * 5000}-${90_005 + n * 5000} ${lost.includes(n) ? 503 : 200}`,
      ).join('\n');
    const before = flow('s', 0.2, 0, 60);
    expect(recovery(`${before}\n${DURING}\n${rare([7, 20])}`).recoveryUs).toBe(0);
    expect(recovery(`${before}\n${DURING}\n${rare([0, 1, 2])}`).recoveryUs).toBe(10_000_001);
  });

  it('is watched up to the next fault', () => {
    const next: Fault = { fromUs: 200e6, untilUs: 205e6, does: { kind: 'reset' } };
    const text = `${BEFORE}\n${DURING}\n${flow('t', 4, FROM, 200)}\n${silent('l', 4, 200, UNTIL)}`;
    expect(recovery(text, { faults: [OUTAGE, next] })).toMatchObject({ watchedUs: 110e6, recoveryUs: 0 });
  });

  it('calls that only touch the edges are not affected; calls open at its end are the backlog', () => {
    const calls = `
      before.1 59000-60000 200
      after.1 90000-90010 200
      into.1 59000-60001 503
      whole.1 50000-95000 200
      out.1 89999-90001 200
      ended.1 80000-90000 503
    `;
    expect(recovery(`${BEFORE}\n${calls}`)).toMatchObject({ affectedCalls: 4, backlog: 2 });
  });

  it('the backlog drains with the quota that the load leaves', () => {
    const waiting = Array.from({ length: 30 }, (_, n) => `w${n}.1 70000-100000 503`).join('\n');
    const text = `${BEFORE}\n${waiting}`;
    expect(recovery(text).minDrainUs).toBe((30 / (10 - 4)) * 1e6);
    for (const perSecond of [0, 4, 3]) expect(recovery(text, { perSecond }).minDrainUs).toBe(0);
  });

  it.each([
    ['a load of 90 % of the quota', 9, true],
    ['a load above 90 % of the quota', 10, false],
    ['no load at all', 0, false],
  ])('can be judged after %s', (_name, perSecond, hasRoom) => {
    expect(recovery(flow('s', perSecond, 30, 60)).hasRoom).toBe(hasRoom);
  });

  it('an outage at the start is judged by the load after it', () => {
    const outage = { startUs: 0, endUs: 30e6 };
    const faults = [{ ...OUTAGE, fromUs: 0, untilUs: 30e6 }];
    expect(recovery(flow('s', 4, 30, 300), { outage, faults })).toMatchObject({ hasRoom: true, recoveryUs: 0 });
  });
});
