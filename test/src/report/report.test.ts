import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { formatApart } from '../../../src/analysis/format.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { ensureWritable } from '../../../src/files/write-files.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import type { ChartSpec } from '../../../src/report/charts/chart-spec.ts';
import { chartsOf } from '../../../src/report/charts/charts.ts';
import { drawCharts } from '../../../src/report/draw.ts';
import { formatMetric } from '../../../src/report/format.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { type TerminalOptions, terminalSummary } from '../../../src/report/terminal/terminal.ts';
import { writeReport } from '../../../src/report/write-report.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { header, repeated, requestLimit, runOf, strip } from '../analysis/strip.ts';
import { harStrip, runOf as recordedRun } from '../recorded/traffic.ts';

const head = header([requestLimit(5, 5)], {
  name: 'article',
  about: 'What one learns.',
  load: [
    {
      executor: 'constant-vus',
      vus: 20,
      durationUs: 20_000_000,
      wait: { kind: 'none' },
      startUs: 0,
      gracefulStopUs: 0,
    },
  ],
  thresholds: [
    { metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 },
    { metric: 'call_duration{result:error}', expression: 'p(95)<1s', abortOnFail: false, delayAbortEvalUs: 0 },
  ],
});
/** Twenty sequential calls, each with two retries before Retry-After. */
const RUN = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200', 20, 1000), { head });
const EMPTY = runOf([], { head, endMs: 0 });
const HUGE: Run = runOf(repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 5000, 20), { head });

/** Two thousand calls that succeed at the second try, and as many that fail. */
const MIXED: Run = runOf(repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200\nb.1 0-50 429', 2000, 20), { head });

const scaledRun = (speed: number): Run => ({
  ...RUN,
  header: { ...head, time: 'scaled', scenario: { ...head.scenario, time: 'scaled', speed } },
});

const summary = (run: Run, options: Partial<TerminalOptions> = {}): string =>
  terminalSummary(run, analyse(run), { color: false, width: 100, full: true, ...options });

describe('terminal summary', () => {
  it('shows the run, the problems, the evidence and the advice', () => {
    const text = summary(RUN);
    expect(text).toContain('article  seed 1, wall time, 21.7s');
    expect(text).toContain('load    20 VUs for 20s');
    expect(text).toContain('limit   requests: 5 requests a second, per organization, token-bucket');
    expect(text).toContain('✗ ignores-retry-after: fail, 100% of retries');
    expect(text).toContain('call 1, try 1 at 0s: requested wait 2s, retried after 500ms');
    expect(text).toContain('→ Read Retry-After');
    expect(text).toContain("✓ 'rate<0.01' 0% (20 samples)");
    expect(text).toContain("✗ 'p(95)<1s' no data (0 samples)");
    expect(text).toContain('requests: refused 40 attempts; 20 requests admitted');
    expect(text).toMatch(/call_duration\.+: avg=1\.7s +min=1\.7s +med=1\.7s/);
  });

  it('without `full`: what is wrong with its proof and mend, what passed and what does not apply as counts', () => {
    const passing = runOf(strip('a.1 0-10 503\na.2 500-510 200\nb.1 0-10 503\nb.2 800-810 200'), { head });
    const short = summary(passing, { full: false });
    const passed = analyse(passing).verdicts.filter(({ status }) => status === 'pass');
    expect(passed.length).toBeGreaterThan(2);
    expect(short).toContain(`✓ ${passed.length} verdicts and 1 threshold passed`);
    for (const { id, reason } of passed) {
      expect(short).not.toContain(id);
      expect(short).not.toContain(reason);
      expect(summary(passing, { width: 300 })).toContain(reason);
    }
    const wrong = summary(RUN, { full: false });
    expect(wrong).toContain('✗ ignores-retry-after 100% of retries');
    expect(wrong).toContain('· call 1, try 1 at 0s: requested wait 2s, retried after 500ms');
    expect(wrong).toContain('→ Read Retry-After');
  });

  it('a run in which nothing was refused says so before anything else, in red if the scenario requires a verdict', () => {
    const calm = strip('a.1 0-10 200\nb.1 500-510 200');
    const withVerdicts = (verdicts: Scenario['verdicts']) =>
      summary(runOf(calm, { head: { ...head, scenario: { ...head.scenario, verdicts } } }), {
        full: false,
        color: true,
      });
    const [first] = withVerdicts({}).split('\n\n').slice(1);
    expect(first).toContain('Nothing was refused and nothing failed: the load peaked at 2 requests in 1s');
    expect(first).toContain('\u001b[33m');
    const required = withVerdicts({ 'gives-up-early': 'error' });
    expect(required.split('\n\n')[1]).toContain('\u001b[31m');
    expect(required).toContain('required, but its situation did not arise');
    expect(required).toContain('→ Set a limit below the load, so that requests are refused.');
  });

  it('warns if calls succeeded without a request', () => {
    const silent = runOf(
      RUN.calls.map(({ attempts, ...call }) => ({ ...call, type: 'call' as const })),
      { head },
    );
    expect(summary(silent)).toContain('NO REQUEST of');
    expect(summary(RUN)).not.toContain('NO REQUEST');
    expect(summary(EMPTY)).not.toContain('NO REQUEST');
  });

  it('groups failed calls by error, most frequent first, with the last message of each', () => {
    const errors = [
      { name: 'RateLimitError', message: 'first', status: 429 },
      { name: 'TypeError', message: 'fetch failed\u001b[31m\n  at nowhere' },
      { name: 'RateLimitError', message: `second ${'x'.repeat(200)}`, status: 429 },
    ];
    const calls = errors.map((error, index) => {
      const { attempts, ...call } = RUN.calls[index]!;
      return { ...call, type: 'call' as const, result: 'error' as const, error };
    });
    const text = summary(
      runOf([...RUN.attempts.map((one) => ({ ...one, type: 'attempt' as const })), ...calls], { head }),
    );
    const [, block] = /\n {2}FAILED CALLS\n(.*?)\n\n/s.exec(text) ?? [];
    expect(block?.replace(/\s+/g, ' ')).toMatch(
      /^ 2 × RateLimitError 429, last at [\d.]+s: second x+… 1 × TypeError, last at [\d.]+s: fetch failed \[31m at nowhere$/,
    );
    expect(summary(RUN)).not.toContain('FAILED CALLS');
  });

  it('respects the width, and prints plain text without colours', () => {
    for (const width of [80, 100, 140]) {
      const text = summary(RUN, { color: false, width });
      expect(text).not.toContain('\u001b');
      expect(text.split('\n').filter((line) => line.length > width && !/^ {4}\w+\.+:/.test(line))).toEqual([]);
    }
    expect(summary(RUN, { color: true, width: 100 })).toContain('\u001b[31m✗');
  });

  it.each([
    [60, 'are exact to 600ms, and half of its waits are shorter than 740ms. Treat verdicts on waits with caution.'],
    [60, 'Use time: { scaled: 37 }, or less load.'],
    [400, 'Use time: { scaled: 37 }, or less load.'],
    [1000, 'COARSE: Times in this run are exact to 10s'],
    [20, undefined],
  ])('scaled time, factor %i: warns if it is too coarse for the waits', (speed, expected) => {
    const run = scaledRun(speed);
    const text = summary(run);
    expect(text).toContain(`article  seed 1, time scaled by ${speed}, 21.7s`);
    if (expected === undefined) expect(text).not.toContain('COARSE');
    else expect(text.replace(/\s+/g, ' ')).toContain(expected);
    expect('coarseTime' in summaryJson(run, analyse(run))).toBe(expected !== undefined);
  });

  it('marks an incomplete run as PARTIAL', () => {
    expect(summary({ ...RUN, stopped: 'interrupted' })).toContain('PARTIAL: the run was interrupted');
    expect(summary(RUN)).not.toContain('PARTIAL');
  });

  it.each([
    [850, '850µs'],
    [212_340, '212ms'],
    [1_020_000, '1.02s'],
    [123_000_000, '2m3s'],
    [0, '0s'],
    [59_960_000, '1m'],
    [2_100_000_000, '35m'],
    [3_723_000_000, '1h2m'],
  ])('%d µs: %s', (us, text) => {
    expect(formatMetric(us)).toBe(text);
  });

  it.each([
    [2_000_000, 1_500_400, ['2s', '1.5s']],
    [2_000_000, 1_998_000, ['2s', '1.998s']],
    [2_000_000, 2_000_000, ['2s', '2s']],
  ])('%d µs beside %d µs: what tells them apart is shown', (one, other, texts) => {
    expect(formatApart(one, other)).toEqual(texts);
  });
});

/** A run of a program, whose attempts have no tag. */
function programRun(): Run {
  const run = recordedRun(harStrip('0-20 429 ra=1 rc=0\n1100-1300 200 rc=1'));
  const { recorded: _, ...header } = run.header;
  return {
    ...run,
    exitCode: 3,
    header: { ...header, program: { missing: ['caller'], variables: ['OPENAI_BASE_URL'] } },
  };
}

describe('attribution', () => {
  const withJoins = (joins: readonly ['prompt' | 'none', number][]): Run => {
    const all = joins.flatMap(([by, count]) => Array.from({ length: count }, () => by));
    const records = repeated('a.1 0-20 429 ra=2000\na.2 2520-2700 200', 20, 1000).map((record) => {
      const by = record.type === 'attempt' ? all[record.id - 1] : undefined;
      return by ? { ...record, joinedBy: by, ...(by === 'none' && { call: null }) } : record;
    });
    return runOf(records, { head });
  };

  it('shows nothing if every join is exact', () => {
    expect(summary(withJoins([]))).not.toContain('ATTRIBUTION');
  });

  it('counts guessed and missing joins, and links to the docs', () => {
    const text = summary(
      withJoins([
        ['prompt', 12],
        ['none', 1],
      ]),
      { color: false, width: 80 },
    );
    expect(text).toContain(
      [
        '  ATTRIBUTION',
        "    12 of 40 attempts were joined to their call by guess (the prompt's",
        '    fingerprint)',
        '    1 of 40 attempts could not be joined to a call',
        '      → See docs/attribution.md for exact attribution',
      ].join('\n'),
    );
  });

  it('has the counts in the JSON summary', () => {
    const run = withJoins([
      ['prompt', 12],
      ['none', 1],
    ]);
    expect(summaryJson(run, analyse(run))).toMatchObject({
      attribution: { exact: 27, high: 0, guess: 12, none: 1, joinedBy: { tag: 27, prompt: 12, none: 1 } },
    });
  });
});

describe('summary JSON', () => {
  const schema = JSON.parse(readFileSync(new URL('../../../schema/summary.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv({ strict: false }).compile(schema);

  it.each([
    ['a run', RUN],
    ['an empty run', EMPTY],
    ['recorded traffic', recordedRun(harStrip('0-20 429 ra=1 rc=0\n1100-1300 200 rc=1\n9000-9100 200 rc=3'))],
    ['a program of exec', programRun()],
    ['a scaled run', scaledRun(20)],
    ['a coarse scaled run', scaledRun(60)],
    ['a partial run', { ...RUN, stopped: 'interrupted' as const }],
  ])('matches the schema: %s', (_name, run) => {
    const json = JSON.parse(JSON.stringify(summaryJson(run, analyse(run))));
    expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
  });

  it('the schema rejects invalid summaries', () => {
    const json = JSON.parse(JSON.stringify(summaryJson(RUN, analyse(RUN))));
    expect(validate({ ...json, verdicts: [{ id: 'x' }] })).toBe(false);
    expect(validate({ ...json, version: 'one' })).toBe(false);
  });

  it('two equal runs differ only under `generated`', () => {
    const later: JournalRecord = { ...head, generated: { ...head.generated, at: '2027-01-01T00:00:00.000Z' } };
    const again = runOf(repeated('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200', 20, 1000), {
      head: later,
    });
    const strippedOf = (run: Run) => ({ ...summaryJson(run, analyse(run)), generated: null });
    expect(strippedOf(again)).toEqual(strippedOf(RUN));
  });
});

const drawn = (run: Run): ChartSpec[] => [...chartsOf(run, analyse(run)).specs];

describe('charts', () => {
  const chart = (run: Run, file: string) => drawn(run).find((spec) => spec.file === file)!;
  // biome-ignore lint/suspicious/noExplicitAny: datasets have types of Chart.js.
  const dataset = (run: Run, file: string, label: string): any =>
    chart(run, file).config.data.datasets.find((one) => one.label === label);

  it('draw the limit as a line at its rate, named at its end', () => {
    expect(dataset(RUN, 'load.png', 'limit 5/s')).toMatchObject({
      endLabel: 'limit 5/s',
      data: [
        { x: 0, y: 5 },
        { x: 21.7, y: 5 },
      ],
    });
    expect(chart(RUN, 'load.png').title).toBe('No call fails: 2.8/s sent, 0.92/s let in');
  });

  it('let in and refused are stacked: together they are all requests of the run', () => {
    const bars = chart(RUN, 'load.png').config.data.datasets.filter(({ type }) => type === 'bar');
    expect(new Set(bars.map(({ stack }) => stack)).size).toBe(1);
    // Bins of two seconds; the last also holds what comes after it, up to the last request.
    const spanOf = (x: number): number => (x > 18 ? 2.52 : 2);
    const total = bars
      .flatMap(({ data }) => data as { x: number; y: number }[])
      .reduce((sum, { x, y }) => sum + y * spanOf(x), 0);
    expect(bars.map(({ label }) => label)).toEqual(['let in', 'refused by the provider']);
    expect(total).toBeCloseTo(60, 9);
  });

  it('draw waits against what was told, on two equal axes with room at every edge, and by retry', () => {
    const { title, config } = chart(RUN, 'backoff.png');
    expect(title).toBe('All 40 retries came too early: told 2 s, waited 500 ms to 980 ms');
    const { x, y } = config.options!.scales as unknown as Record<string, { min: number; max: number; type: string }>;
    expect([x!.min, x!.max, x!.type]).toEqual([y!.min, y!.max, 'logarithmic']);
    expect([y!.min < 0.4, y!.max > 2.5]).toEqual([true, true]);
    expect(dataset(RUN, 'backoff.png', 'retries: the larger, the more').data).toHaveLength(2);
    expect(dataset(RUN, 'backoff.png', 'median by retry').data.map(({ y: at }: { y: number }) => at)).toEqual([
      0.5, 0.98,
    ]);
  });

  it('the timeline has the thirty slowest calls, and a typical one above them', () => {
    expect(dataset(HUGE, 'timeline.png', 'waiting').data.length).toBe(31 * 3);
  });

  it('the latency of thousands of calls is a heat map of few cells', () => {
    const cells = chart(MIXED, 'latency.png').config.data.datasets.find(({ type }) => (type as string) === 'matrix')!;
    expect(cells.data.length).toBeLessThan(500);
    expect(chart(MIXED, 'latency.png').title).toMatch(/^Half the calls end within .*, 95 % within .*calls fail$/);
  });

  it('a chart that would show nothing is left out, with a sentence', () => {
    const sentences = (run: Run) =>
      Object.fromEntries(chartsOf(run, analyse(run)).leftOut.map(({ file, sentence }) => [file, sentence]));
    expect(sentences(EMPTY)).toEqual({
      'load.png': 'No request was sent.',
      'latency.png': 'No call ended.',
      'backoff.png': 'No call was retried after a refusal.',
      'bucket.png': 'No request reached a limit.',
      'timeline.png': 'No call was made.',
    });
    expect(sentences(HUGE)).toMatchObject({
      'latency.png': 'Every call took 1.2 s.',
      'backoff.png': 'All 5,000 retries waited 1 s, as told.',
    });
    const files = [...drawn(HUGE).map(({ file }) => file), ...Object.keys(sentences(HUGE))];
    expect(new Set(files).size).toBe(files.length);
  });

  it('are plain data', () => {
    for (const { config } of drawn(RUN)) expect(JSON.stringify(config)).not.toContain('undefined');
    const functions: string[] = [];
    JSON.stringify(drawn(RUN), (key, value) => (typeof value === 'function' ? functions.push(key) : value));
    expect(functions).toEqual([]);
  });

  it.each([
    ['a run', RUN],
    ['a run of thousands of calls', MIXED],
  ])('draw a PNG of the right size that is not blank: %s', async (_name, run) => {
    const specs = drawn(run);
    for (const [index, { png }] of (await drawCharts(specs)).entries()) {
      const image = await loadImage(Buffer.from(png));
      expect([image.width, image.height]).toEqual([specs[index]!.width, specs[index]!.height]);
      const canvas = createCanvas(image.width, image.height);
      canvas.getContext('2d').drawImage(image, 0, 0);
      const { data } = canvas.getContext('2d').getImageData(0, 0, image.width, 60);
      const dark = data.filter((_, at) => at % 4 === 0).filter((red) => red < 100).length;
      expect(dark, 'the title is drawn').toBeGreaterThan(200);
    }
  });
});

describe('report files', () => {
  it('writes complete files and nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quotalab-report-'));
    const files = await writeReport(folder, RUN, analyse(RUN), { charts: true });
    expect(readdirSync(folder).sort()).toEqual(files.map((file) => file.slice(folder.length + 1)).sort());
    expect(readFileSync(join(folder, 'summary.txt'), 'utf8')).toContain('VERDICTS');
  });

  it('throws before the run if the folder cannot be created', () => {
    expect(() => ensureWritable('/proc/nowhere')).toThrow(
      expect.objectContaining({ code: 'report/not-writable', origin: 'input' }),
    );
  });
});
