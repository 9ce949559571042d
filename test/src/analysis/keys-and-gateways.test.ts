import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { computeGatewayUse } from '../../../src/analysis/gateway-use.ts';
import { computeKeyUse } from '../../../src/analysis/key-use.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import { AttemptSeconds } from '../../../src/journal/count-seconds.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import type { SecondRecord } from '../../../src/journal/second-record.ts';
import type { ChartContent } from '../../../src/report/charts/chart-spec.ts';
import { loadChart } from '../../../src/report/charts/load-chart.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { terminalSummary } from '../../../src/report/terminal/terminal.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import { settings } from '../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from './strip.ts';

const shown = (run: Run): string => terminalSummary(run, analyse(run), { color: false, width: 80, full: true });

const schema = JSON.parse(readFileSync(new URL('../../../schema/summary.schema.json', import.meta.url), 'utf8'));
const isSummary = new Ajv({ strict: false }).compile(schema);

/** Records of a timeline with extra fields per attempt, in order. */
/** Changes of a record; undefined removes a key. */
type Changes = { readonly [Key in keyof AttemptRecord]?: AttemptRecord[Key] | undefined };

function withFields(text: string, more: readonly Changes[]): JournalRecord[] {
  let next = 0;
  return strip(text).map((record) =>
    record.type === 'attempt' ? ({ ...record, ...more[next++] } as AttemptRecord) : record,
  );
}

describe('key usage', () => {
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
  const TIMELINE = 'a.1 0-100 200\nb.1 0-100 200\nc.1 0-300 200\nd.1 10-20 429 ra=1000\n=> d error';

  it('lists named keys in scenario order, then other used keys by hash', () => {
    const run = runOf(
      withFields(TIMELINE, [of('hash-shop'), of('hash-shop'), of('hash-other'), { key: 'hash-shop' }]),
      {
        head: named,
        endMs: 1000,
      },
    );
    // A burst of five and five more per second: ten per used bucket.
    expect(computeKeyUse(run)).toEqual([
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
        '    key       attempts  admitted  refused  tokens  share  p(95)  of requests',
        '    shop             3         2        1      30  66.7%  100ms          20%',
        '    bank             0         0        0       0     0%      –            –',
        '    hash-oth         1         1        0      15  33.3%  300ms          10%',
      ].join('\n'),
    );
    const json = JSON.parse(JSON.stringify(summaryJson(run, analyse(run))));
    expect(json.keys).toHaveLength(3);
    expect(isSummary(json), JSON.stringify(isSummary.errors)).toBe(true);
  });

  it('is empty for a single unnamed key and for more than 20 unnamed keys', () => {
    const alone = runOf(withFields(TIMELINE, [of('x'), of('x'), of('x'), { key: 'x' }]));
    expect(computeKeyUse(alone)).toEqual([]);
    expect(shown(alone)).not.toContain('KEYS');
    const many = strip(Array.from({ length: 21 }, (_, at) => `a${at}.1 0-10 200`).join('\n'));
    const keyed = many.map((record) => (record.type === 'attempt' ? { ...record, key: `key-${record.id}` } : record));
    expect(computeKeyUse(runOf(keyed))).toEqual([]);
    expect(computeKeyUse(runOf(keyed.filter(({ id }) => id < 21)))).toHaveLength(20);
  });
});

describe('gateway usage', () => {
  const gateway: GatewaySettings = { command: ['nginx'], env: {}, startTimeoutUs: 1, folder: '.' };
  const head = header([], { gateway });
  const TIMELINE = `a.1 0-10 503\na.2 20-30 503\na.3 40-90 200\nb.1 0-10 429 ra=1000\nb.2 1010-1020 200\nc.1 0-50 200`;
  const own = { answeredBy: 'gateway', deniedBy: undefined, limits: [] } as const;
  const MORE = [own, own, {}, own, { upstream: 3 }, { answeredBy: 'unclear' }] as const;

  it('counts attempts answered by the gateway, resent attempts and unclear ones', () => {
    const run = runOf(withFields(TIMELINE, MORE), { head });
    expect(computeGatewayUse(run)).toEqual({
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
    expect(text).toContain('  GATEWAY\n    answered 3 of 6 attempts itself (50%): 2 with 503, 1 with 429\n');
    expect(text).toContain('retried 1 attempt itself: 2 requests that no client sent');
    expect(text).toContain('1 attempt with an unknown sender of the reply');
    const json = JSON.parse(JSON.stringify(summaryJson(run, analyse(run))));
    expect(isSummary(json), JSON.stringify(isSummary.errors)).toBe(true);
    expect(json.gateway.answered).toBe(3);
  });

  it('is equal when read from a file', () => {
    const records = [head, ...withFields(TIMELINE, MORE), { type: 'end', endUs: 2e6 }] as JournalRecord[];
    expect(computeGatewayUse(readRun(records, { columnar: true }))).toEqual(computeGatewayUse(readRun(records)));
  });

  it('is equal when counted per second', () => {
    const seconds: SecondRecord[] = [];
    const counted = new AttemptSeconds((record) => seconds.push(record));
    const attempts = withFields(TIMELINE, MORE).filter((record) => record.type === 'attempt');
    for (const { startUs, endUs, outcome, answeredBy, upstream, ...view } of attempts) {
      const via = { ...(answeredBy && { answeredBy }), ...(upstream && { upstream }) };
      counted.add({ view, startUs, endUs, outcome }, 0, via);
    }
    counted.end(2e6);
    const [bySecond, oneByOne] = [runOf(seconds, { head }), runOf(attempts, { head })];
    expect(bySecond.attempts).toEqual([]);
    expect(computeGatewayUse(bySecond)).toEqual(computeGatewayUse(oneByOne));
    expect(computeGatewayUse(bySecond)).toMatchObject({ attempts: 6, answered: 3 });
    expect(shown(bySecond)).toContain('answered 3 of 6 attempts itself (50%)');
  });

  it('is null without a gateway, and the report has no gateway section', () => {
    const run = runOf(strip('a.1 0-10 200'));
    expect(computeGatewayUse(run)).toBeNull();
    expect(shown(run)).not.toMatch(/GATEWAY|gateway/);
  });

  it('gives-up-early is not applicable to refusals of a gateway with unknown limits', () => {
    const calls = Array.from({ length: 20 }, (_, at) => `a${at}.1 ${at}-${at + 5} 429 ra=1000`).join('\n');
    const verdictOf = (more: Changes) => {
      const run = runOf(withFields(calls, Array(20).fill(more)), { head: header([requestLimit(5, 5)], { gateway }) });
      return analyse(run).verdicts.find(({ id }) => id === 'gives-up-early')!;
    };
    expect(verdictOf(own)).toMatchObject({
      status: 'not-applicable',
      reason: 'The gateway does not report its own limits.',
    });
    expect(verdictOf({ deniedBy: 'requests' }).status).not.toBe('not-applicable');
  });

  it('the load chart names the gateway that refused', () => {
    const labels = (run: Run): unknown[] =>
      (loadChart.draw(run, analyse(run)) as ChartContent).datasets.map(
        (dataset) => (dataset as { label: string }).label,
      );
    expect(labels(runOf(withFields(TIMELINE, MORE), { head }))).toContain('refused by the gateway (503, 429)');
    expect(labels(runOf(strip('a.1 0-10 200\nb.1 0-10 429 ra=1000')))).toEqual([
      'limit 5/s',
      'let in',
      'refused by the provider',
    ]);
  });
});
