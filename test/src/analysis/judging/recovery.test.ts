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
  Array.from({ length: (untilS - fromS) * perSecond }, (_, n) => {
    const atMs = fromS * 1000 + Math.floor((n * 1000) / perSecond);
    return `${name}${n}.1 ${atMs}-${atMs + 5} ${status}`;
  }).join('\n');

const recovery = (
  text: string,
  { endS = 300, perSecond = 10, outage = RANGE }: { endS?: number; perSecond?: number; outage?: typeof RANGE } = {},
): Recovery => {
  const limits = perSecond === 0 ? [] : [requestLimit(perSecond, 10)];
  return measureRecovery(runOf(strip(text), { head: header(limits), endMs: endS * 1000 }), outage);
};
const STEADY = flow('s', 4, 0, 300);

describe('recovery after an outage', () => {
  it('a steady load recovers at once', () => {
    expect(recovery(STEADY)).toEqual({
      outage: RANGE,
      affectedCalls: 4 * 30,
      observed: true,
      backlog: 0,
      minDrainUs: 0,
      recoveryUs: 0,
      goodputShare: 1,
    });
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
    expect(recovery(`${flow('s', 4, 0, 60)}\n${calls}`)).toMatchObject({ affectedCalls: 4, backlog: 2 });
  });

  it('the backlog drains with the quota that the load leaves', () => {
    const waiting = (count: number) => Array.from({ length: count }, (_, n) => `w${n}.1 70000-100000 503`).join('\n');
    expect(recovery(`${STEADY}\n${waiting(30)}`).minDrainUs).toBe((30 / (10 - 4)) * 1e6);
    expect(recovery(`${STEADY}\n${waiting(30)}`, { perSecond: 0 }).minDrainUs).toBe(0);
    expect(recovery(`${STEADY}\n${waiting(30)}`, { perSecond: 4 }).minDrainUs).toBe(0);
    expect(recovery(`${STEADY}\n${waiting(30)}`, { perSecond: 3 }).minDrainUs).toBe(0);
  });

  it.each([
    ['a load below 90 % of the quota', 8, 300, true],
    ['a load of 90 % of the quota', 9, 300, true],
    ['a load above 90 % of the quota', 10, 300, false],
    ['no load before the outage', 0, 300, false],
    ['two minutes of run', 8, 210, true],
    ['less than two minutes of run', 8, 209, false],
  ])('can be judged after %s', (_name, perSecond, endS, observed) => {
    expect(recovery(flow('s', perSecond, 30, 60), { endS }).observed).toBe(observed);
  });

  it('needs twice the drain time in addition to the two minutes', () => {
    const waiting = Array.from({ length: 30 }, (_, n) => `w${n}.1 70000-100000 503`).join('\n');
    const text = `${flow('s', 4, 30, 60)}\n${waiting}`;
    expect(recovery(text, { endS: 220 }).observed).toBe(true);
    expect(recovery(text, { endS: 219 }).observed).toBe(false);
  });

  it('the earlier rate covers up to 30 s before the outage', () => {
    const rush = `${flow('r', 50, 0, 20)}\n${flow('s', 4, 30, 60)}`;
    expect(recovery(rush).observed).toBe(true);
    // Only 10 s before the outage.
    const early = { startUs: 10e6, endUs: 40e6 };
    expect(recovery(flow('s', 9, 0, 10), { outage: early }).observed).toBe(true);
    expect(recovery(flow('s', 10, 0, 10), { outage: early }).observed).toBe(false);
    const first = recovery(STEADY, { outage: { startUs: 0, endUs: 30e6 } });
    expect(first).toMatchObject({ observed: false, goodputShare: 0 });
  });

  it('goodput covers the second minute, relative to the smaller of load and quota', () => {
    const before = flow('s', 4, 30, 60);
    expect(recovery(`${before}\n${flow('t', 4, 90, 150)}\n${flow('u', 2, 150, 210)}`).goodputShare).toBe(0.5);
    expect(recovery(`${before}\n${flow('t', 4, 150, 210, '503')}`).goodputShare).toBe(0);
    expect(recovery(`${before}\n${flow('t', 4, 210, 280)}`).goodputShare).toBe(0);
    expect(recovery(`${before}\n${flow('u', 2, 150, 210)}`, { perSecond: 2 }).goodputShare).toBe(1);
    expect(recovery(`${before}\n${flow('u', 2, 150, 210)}`, { perSecond: 0 }).goodputShare).toBe(0.5);
    // Replies count when they end, in any order.
    const crossed = 'x.1 100000-200000 200\ny.1 101000-102000 200\nz.1 102000-201000 200\nv.1 103000-104000 200';
    expect(recovery(`${before}\n${crossed}`).goodputShare).toBeCloseTo(2 / 60 / 4, 9);
  });
});

describe('when arrivals recover', () => {
  /** Four calls per second throughout, plus `extra` retries per second until `untilS`. */
  const storm = (extra: number, untilS: number) => {
    const perSecond = Array.from({ length: untilS - 60 }, (_, second) =>
      Array.from(
        { length: extra },
        (_, n) => `r.1 ${(60 + second) * 1000 + n * 20}-${(60 + second) * 1000 + n * 20 + 5} 503`,
      ),
    ).flat();
    return `${STEADY}\n${perSecond.join('\n')}`;
  };

  it.each([
    // Two consecutive windows of 10 s must have less than 4.8 per second.
    ['at the end of the storm, minus the tail that a window hides', 4, 110, 19e6],
    ['never, if the storm lasts', 4, 300, Infinity],
    ['at once, if the storm is over', 4, 90, 0],
  ])('%s', (_name, extra, untilS, recoveryUs) => {
    expect(recovery(storm(extra, untilS)).recoveryUs).toBe(recoveryUs);
  });

  it('20 % more has not recovered, slightly less has', () => {
    // 48 instead of 40 in 10 s is 20 % more; 47 has recovered.
    const extra = (perTen: number) =>
      `${STEADY}\n${Array.from({ length: 21 * perTen }, (_, n) => `r.1 ${90_000 + Math.floor((n * 10_000) / perTen)}-${90_001 + Math.floor((n * 10_000) / perTen)} 503`).join('\n')}`;
    expect(recovery(extra(8)).recoveryUs).toBe(Infinity);
    expect(recovery(extra(7)).recoveryUs).toBe(0);
  });

  it('more calls than before may make more arrivals', () => {
    const grown = `${flow('s', 4, 0, 60)}\n${flow('m', 20, 90, 300)}`;
    expect(recovery(grown).recoveryUs).toBe(0);
    // Not if every second call also retries.
    const retried = grown.replaceAll(/^(m\d*[02468])\.1 (\d+)-(\d+) 200$/gm, '$1.1 $2-$3 503\n$1.2 $3-$3 200');
    expect(recovery(retried).recoveryUs).toBe(Infinity);
  });

  it('needs 20 s after the outage', () => {
    expect(recovery(STEADY, { endS: 110 }).recoveryUs).toBe(0);
    expect(recovery(STEADY, { endS: 109 }).recoveryUs).toBe(Infinity);
  });
});
