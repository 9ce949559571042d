import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { gatewayUse } from '../../../src/analysis/gateway-use.ts';
import { keyUse } from '../../../src/analysis/key-use.ts';
import { type Run, readRun } from '../../../src/analysis/run/run-view.ts';
import { AttemptSeconds } from '../../../src/journal/count-seconds.ts';
import type { AttemptRecord, JournalRecord, Via } from '../../../src/journal/record.ts';
import type { SecondRecord } from '../../../src/journal/second-record.ts';
import { loadChart } from '../../../src/report/charts/load-chart.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { terminalSummary } from '../../../src/report/terminal/terminal.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import { settings } from '../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from './strip.ts';

const shown = (run: Run): string => terminalSummary(run, analyse(run), { color: false, width: 80 });

const schema = JSON.parse(readFileSync(new URL('../../../schema/summary.schema.json', import.meta.url), 'utf8'));
const isSummary = new Ajv({ strict: false }).compile(schema);

/** Attempts with something more to each, in order. */
function films(text: string, more: readonly (Partial<AttemptRecord> & Via)[]): JournalRecord[] {
  let next = 0;
  return strip(text).map((record) => (record.type === 'attempt' ? { ...record, ...more[next++] } : record));
}

describe('the use of keys', () => {
  const limit = requestLimit(5, 5, { scope: ['key'] });
  const named = header([limit], {
    provider: { ...settings({ limits: [limit] }), keys: ['hash-shop', 'hash-bank'], keyNames: ['shop', 'bank'] },
  });
  const of = (key: string) => ({
    key,
    promptTokens: 10,
    completionTokens: 5,
    limits: [
      {
        limit: 'requests',
        bucket: `requests[key=${key}]`,
        unit: 'requests' as const,
        cost: 1,
        admit: true,
        before: 5,
        after: 4,
      },
    ],
  });
  const FILM = 'a.1 0-100 200\nb.1 0-100 200\nc.1 0-300 200\nd.1 10-20 429 ra=1000\n=> d error';

  it('by name, in the order of the scenario, and what else was used by its hash', () => {
    const run = runOf(films(FILM, [of('hash-shop'), of('hash-shop'), of('hash-other'), { key: 'hash-shop' }]), {
      head: named,
      endMs: 1000,
    });
    // Five at once and five more in a second: ten for each bucket that was met.
    expect(keyUse(run)).toEqual([
      {
        key: 'hash-shop',
        name: 'shop',
        attempts: 3,
        admitted: 2,
        refused: 1,
        tokens: 30,
        share: 2 / 3,
        p95Us: 100_000,
        quota: { limit: 'requests', share: 0.2 },
      },
      {
        key: 'hash-bank',
        name: 'bank',
        attempts: 0,
        admitted: 0,
        refused: 0,
        tokens: 0,
        share: 0,
        p95Us: null,
        quota: null,
      },
      {
        key: 'hash-other',
        name: null,
        attempts: 1,
        admitted: 1,
        refused: 0,
        tokens: 15,
        share: 1 / 3,
        p95Us: 300_000,
        quota: { limit: 'requests', share: 0.1 },
      },
    ]);
    expect(shown(run)).toContain(
      [
        '  KEYS',
        '    key       attempts  admitted  refused  tokens   share  p(95)  of requests',
        '    shop             3         2        1      30  66.67%  100ms          20%',
        '    bank             0         0        0       0      0%      –            –',
        '    hash-oth         1         1        0      15  33.33%  300ms          10%',
      ].join('\n'),
    );
    const json = JSON.parse(JSON.stringify(summaryJson(run, analyse(run))));
    expect(json.keys).toHaveLength(3);
    expect(isSummary(json), JSON.stringify(isSummary.errors)).toBe(true);
  });

  it('one key that nobody has named is no table, nor are a hundred', () => {
    const alone = runOf(films(FILM, [of('x'), of('x'), of('x'), { key: 'x' }]));
    expect(keyUse(alone)).toEqual([]);
    expect(shown(alone)).not.toContain('KEYS');
    const many = strip(Array.from({ length: 21 }, (_, at) => `a${at}.1 0-10 200`).join('\n'));
    const keyed = many.map((one) => (one.type === 'attempt' ? { ...one, key: `key-${one.id}` } : one));
    expect(keyUse(runOf(keyed))).toEqual([]);
    expect(keyUse(runOf(keyed.filter(({ id }) => id < 21)))).toHaveLength(20);
  });
});

describe('the use of a gateway', () => {
  const gateway: GatewaySettings = { command: ['nginx'], env: {}, startTimeoutUs: 1, folder: '.' };
  const head = header([], { gateway });
  const FILM = `a.1 0-10 503\na.2 20-30 503\na.3 40-90 200\nb.1 0-10 429 ra=1000\nb.2 1010-1020 200\nc.1 0-50 200`;
  const own = { answeredBy: 'gateway', deniedBy: undefined, limits: [] } as const;
  const MORE = [own, own, {}, own, { upstream: 3 }, { answeredBy: 'unclear' }] as const;

  it('what it answered by itself, what it sent again, and what nobody can say', () => {
    const run = runOf(films(FILM, MORE), { head });
    expect(gatewayUse(run)).toEqual({
      attempts: 6,
      answered: 3,
      statuses: [
        { status: 503, count: 2 },
        { status: 429, count: 1 },
      ],
      unclear: 1,
      repeated: 1,
      extraRequests: 2,
    });
    const text = shown(run);
    expect(text).toContain('gateway nginx');
    expect(text).toContain('  GATEWAY\n    it answered 3 of 6 attempts by itself (50%): 2 with 503, 1 with 429\n');
    expect(text).toContain('it tried 1 attempt again by itself: 2 requests of which no client knows');
    expect(text).toContain('of 1 attempt nobody can say who answered');
    const json = JSON.parse(JSON.stringify(summaryJson(run, analyse(run))));
    expect(isSummary(json), JSON.stringify(isSummary.errors)).toBe(true);
    expect(json.gateway.answered).toBe(3);
  });

  it('from a file it is the same', () => {
    const records = [head, ...films(FILM, MORE), { type: 'end', endUs: 2e6 }] as JournalRecord[];
    expect(gatewayUse(readRun(records.values()))).toEqual(gatewayUse(readRun(records)));
  });

  it('counted by the second it is the same', () => {
    const seconds: SecondRecord[] = [];
    const counted = new AttemptSeconds((record) => seconds.push(record));
    const attempts = films(FILM, MORE).filter((record) => record.type === 'attempt');
    for (const { startUs, endUs, outcome, answeredBy, upstream, ...sight } of attempts) {
      const via = { ...(answeredBy && { answeredBy }), ...(upstream && { upstream }) };
      counted.add({ sight, startUs, endUs, outcome }, 0, via);
    }
    counted.end(2e6);
    const [bySecond, oneByOne] = [runOf(seconds, { head }), runOf(attempts, { head })];
    expect(bySecond.attempts).toEqual([]);
    expect(gatewayUse(bySecond)).toEqual(gatewayUse(oneByOne));
    expect(gatewayUse(bySecond)).toMatchObject({ attempts: 6, answered: 3 });
    expect(shown(bySecond)).toContain('it answered 3 of 6 attempts by itself (50%)');
  });

  it('none: no section, and verdicts know the limits', () => {
    const run = runOf(strip('a.1 0-10 200'));
    expect(gatewayUse(run)).toBeNull();
    expect(shown(run)).not.toMatch(/GATEWAY|gateway/);
  });

  it('what gives up after a gateway’s own refusal is not judged by limits that nobody knows', () => {
    const calls = Array.from({ length: 20 }, (_, at) => `a${at}.1 ${at}-${at + 5} 429 ra=1000`).join('\n');
    const verdictOf = (more: Partial<AttemptRecord>) => {
      const run = runOf(films(calls, Array(20).fill(more)), { head: header([requestLimit(5, 5)], { gateway }) });
      return analyse(run).verdicts.find(({ id }) => id === 'gives-up-early')!;
    };
    expect(verdictOf(own)).toMatchObject({
      status: 'not-applicable',
      reason: 'The gateway does not tell its own limits.',
    });
    expect(verdictOf({ deniedBy: 'requests' }).status).not.toBe('not-applicable');
  });

  it('503s have a line of their own in the chart of the load', () => {
    const labels = (run: Run): unknown[] => loadChart(run).config.data.datasets.map(({ label }) => label);
    expect(labels(runOf(films(FILM, MORE), { head }))).toContain('failed otherwise (5xx, cut off)');
    expect(labels(runOf(strip('a.1 0-10 200\nb.1 0-10 429 ra=1000')))).not.toContain('failed otherwise (5xx, cut off)');
  });
});
