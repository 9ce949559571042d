import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepLedger, sumEntries } from '../../../../src/analysis/ledger/call-ledger.ts';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import type { Call, Run } from '../../../../src/analysis/run/run-view.ts';
import { createModel } from '../../../../src/retry/preset.ts';
import { modelJournal } from '../../../../src/run/model.ts';
import { loadScenarioFor } from '../../../known-clients/known-clients.ts';
import { runOf, strip } from '../strip.ts';

const ledgerOf = (text: string, change: Partial<Call> = {}) => {
  const call = { ...runOf(strip(text)).calls[0]!, ...change };
  return keepLedger(call).spans.map(({ entry, startUs, endUs }) => `${entry} ${startUs / 1000}-${endUs / 1000}`);
};

describe('the ledger of a call', () => {
  it('an answered call that was told to wait, and waited longer', () => {
    expect(ledgerOf('a.1 100-120 429 ra=2000\na.2 3000-3200 200\n=> a ok until=3250', { scheduledUs: 0 })).toEqual([
      'held 0-100',
      'flight 100-120',
      'told 120-2120',
      'own 2120-3000',
      'flight 3000-3200',
      'after 3200-3250',
    ]);
  });

  it('a call that came back before it was told to', () => {
    expect(ledgerOf('a.1 0-20 429 ra=2000\na.2 500-520 200')).toEqual(['flight 0-20', 'told 20-500', 'flight 500-520']);
  });

  it('a call without an attempt', () => {
    expect(ledgerOf('=> a error until=5000')).toEqual(['held 0-5000']);
    expect(ledgerOf('=> a error until=0')).toEqual([]);
  });

  it('attempts that overlap are in flight together, and a deadline cuts off the last', () => {
    expect(ledgerOf('a.1 0-900 500\na.2 300-600 500\na.3 1000-9000 200\n=> a error until=4000')).toEqual([
      'flight 0-900',
      'own 900-1000',
      'flight 1000-4000',
    ]);
  });

  it('a call that was open when the run ended waits, unless it had its answer', () => {
    expect(ledgerOf('a.1 0-20 429 ra=1000\n=> a open until=5000')).toEqual([
      'flight 0-20',
      'told 20-1020',
      'own 1020-5000',
    ]);
    expect(ledgerOf('a.1 0-20 200\n=> a open until=5000')).toEqual(['flight 0-20', 'after 20-5000']);
  });
});

/** Every microsecond of each call is in one entry: the spans join, and their sums are the duration. */
function expectComplete(run: Pick<Run, 'calls'>): void {
  for (const call of run.calls) {
    const { spans, startUs, endUs } = keepLedger(call);
    let doneUs = startUs;
    for (const span of spans) {
      expect(span.startUs).toBe(doneUs);
      expect(span.endUs).toBeGreaterThan(span.startUs);
      doneUs = span.endUs;
    }
    expect(doneUs).toBe(endUs);
    expect(startUs).toBe(Math.min(call.scheduledUs, call.startUs));
    const sums = sumEntries({ spans, startUs, endUs });
    expect(sums.held + sums.flight + sums.told + sums.own + sums.after).toBe(endUs - startUs);
  }
}

it('accounts for any call, however its attempts lie', () => {
  const seen = new Set<string>();
  const attempt = fc.record({
    atMs: fc.nat(20_000),
    tookMs: fc.nat(9000),
    ending: fc.constantFrom('200', '429', '429 ra=3000', '503 ra=1000', 'reset', 'timeout', 'open'),
  });
  fc.assert(
    fc.property(
      fc.array(attempt, { maxLength: 6 }),
      fc.constantFrom('ok', 'error', 'open'),
      fc.nat(25_000),
      fc.nat(3000),
      (attempts, result, endMs, lateMs) => {
        const lines = attempts
          .toSorted((a, b) => a.atMs - b.atMs)
          .map(({ atMs, tookMs, ending }, n) => `a.${n + 1} ${atMs}-${atMs + tookMs} ${ending}`);
        const run = runOf(strip([...lines, `=> a ${result} until=${endMs}`].join('\n')));
        const calls = run.calls.map((call) => {
          const startUs = Math.min(call.startUs, call.endUs);
          return { ...call, startUs, scheduledUs: startUs - lateMs * 1000 };
        });
        expectComplete({ calls });
        for (const call of calls) for (const { entry } of keepLedger(call).spans) seen.add(entry);
      },
    ),
  );
  expect([...seen].sort()).toEqual(['after', 'flight', 'held', 'own', 'told']);
});

it('accounts for the calls of a real journal', async () => {
  const scenario = await loadScenarioFor('1.5 times the limit');
  const model = createModel(
    'paced',
    { max: 4, retryAfter: { reads: 'milliseconds', as: 'floor', jittered: true }, jitter: { kind: 'full' } },
    { pace: { burst: 2, intervalUs: 150_000 } },
  );
  const run = readRun(modelJournal({ ...scenario, client: { ...scenario.client, model } }, 'ledger'));
  expectComplete(run);
  expect(run.calls.length).toBeGreaterThan(300);
  expect(
    new Set(run.calls.flatMap((call) => keepLedger(call).spans.map(({ entry }) => entry))).size,
  ).toBeGreaterThanOrEqual(4);
});
