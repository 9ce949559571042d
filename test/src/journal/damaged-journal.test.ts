import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { QuotaLabError } from '../../../mock-server/error.ts';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { AttemptSeconds } from '../../../src/journal/count-seconds.ts';
import { readJournal, readJournalRecords } from '../../../src/journal/journal-reader.ts';
import type { HeaderRecord, JournalRecord } from '../../../src/journal/record.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { terminalSummary } from '../../../src/report/terminal/terminal.ts';
import { modelJournal } from '../../../src/run/model.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { header, repeated } from '../analysis/strip.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-damaged-'));
  file = join(folder, 'journal.jsonl');
});

const END: JournalRecord = { type: 'end', endUs: 60_000_000 };
const CALLS = repeated('a.1 0-10 429 ra=1000\na.2 1010-1200 200', 25, 2000);

function write(records: readonly object[]): void {
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** What a report does with a journal. */
function report(): string {
  const run = readRun(readJournalRecords(file), { columnar: true });
  const analysis = analyse(run);
  return (
    terminalSummary(run, analysis, { color: false, width: 100, full: true }) +
    JSON.stringify(summaryJson(run, analysis))
  );
}

/** The problems of a report, with their lines; undefined if there are none. Any other error is thrown. */
function problemsOf(): string[] | undefined {
  try {
    report();
    return undefined;
  } catch (error) {
    if (!(error instanceof QuotaLabError)) throw error;
    return [error.message, ...error.problems.map(({ line, message }) => `${line ?? ''} ${message}`)];
  }
}

describe('a journal that was edited', () => {
  it('has each wrong line named: a call 200 times over, in a journal that was cut off', () => {
    const call = CALLS.find(({ type }) => type === 'call')!;
    write([header(), ...CALLS, ...Array(200).fill(call)]);
    expect(problemsOf()?.slice(0, 2)).toEqual([
      expect.stringContaining('has 200 damaged lines; 190 more not listed'),
      '77 is a second call 1',
    ]);
  });

  it.each<[string, (record: object) => object, string]>([
    ['a text in place of a number', (call) => ({ ...call, vu: 'many' }), 'has no valid vu'],
    ['a negative start', (call) => ({ ...call, startUs: -5 }), 'has a negative startUs'],
    ['a start that is no number', (call) => ({ ...call, startUs: null }), 'has no valid startUs'],
    ['an unknown result', (call) => ({ ...call, result: 'fine' }), 'has no valid result'],
    ['an error that is a text', (call) => ({ ...call, error: 'late' }), 'has no valid error'],
    [
      'several of them',
      (call) => ({ ...call, id: 'x', vu: null, scheduledUs: -1 }),
      'has no valid id, vu and has a negative scheduledUs',
    ],
  ])('has %s', (_, edit, message) => {
    const [call, ...others] = CALLS as [object, ...object[]];
    write([header(), edit(call), ...others, END]);
    expect(problemsOf()).toContain(`2 ${message}`);
  });

  it('has a header without load', () => {
    const { load: _, ...scenario } = header().scenario;
    write([{ ...header(), scenario }, ...CALLS, END]);
    expect(problemsOf()).toEqual([`${file} has 1 damaged line`, '1 has no valid scenario.load']);
  });

  it('has two ends', () => {
    write([header(), ...CALLS, END, END]);
    expect(problemsOf()).toEqual([`${file} has 1 damaged line`, '78 is a second end']);
  });

  it('has control characters in its texts, which are not obeyed', () => {
    const [one, ...others] = CALLS.map((record) => ({ ...record, userAgent: 'evil\u001b[2J\u0007\u009b' }));
    write([header([], { name: 'a\u001b]0;title\u0007b' }), one!, ...others, END]);
    const text = report();
    expect(text).toContain('a\\u001b]0;title\\u0007b');
    expect(text).not.toMatch(/(?![\t\n])\p{Cc}/u);
  });
});

describe('a file that is no journal', () => {
  it.each<[string, () => void, string]>([
    ['a folder', () => mkdirSync(file), 'it is a folder'],
    ['binary', () => writeFileSync(file, Buffer.from([0, 255, 10, 0, 27])), 'its first line is not a header'],
    ['UTF-16', () => writeFileSync(file, Buffer.from(JSON.stringify(header()), 'utf16le')), 'its first line is not'],
    [
      'one endless line',
      () => writeFileSync(file, Buffer.alloc(17 * 1024 * 1024, 'x')),
      'a line is longer than 16 MiB',
    ],
    ['null', () => writeFileSync(file, 'null\n'), 'its first line is not a header'],
    ['a list', () => writeFileSync(file, '[]\n'), 'its first line is not a header'],
  ])('%s', (_, make, message) => {
    make();
    expect(problemsOf()?.[0]).toContain(message);
  });

  it('a byte order mark is no harm', async () => {
    writeFileSync(file, `\uFEFF${JSON.stringify(header())}\r\n${JSON.stringify(END)}\r\n`);
    expect(await readJournal(file)).toHaveLength(2);
  });
});

/** Every path of a value, its own included. */
function* pathsOf(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

function withValue(value: unknown, [step, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? withValue(item, rest, to) : item));
  return { ...(value as object), [step]: withValue((value as Record<string, unknown>)[step], rest, to) };
}

const WRONG = [undefined, -1, 1e300, 'many', [null]];

describe('whatever is wrong in one field of one record, a report is made or the line is named', () => {
  const seconds: JournalRecord[] = [];
  const counter = new AttemptSeconds((record) => seconds.push(record));
  counter.end(2_000_000);

  async function scenarioHeader(): Promise<HeaderRecord> {
    const load = [
      { executor: 'constant-vus', vus: 2, duration: '1s', wait: { between: ['1ms', '2ms'] } },
      { executor: 'ramping-vus', stages: [{ duration: '1s', target: 2 }] },
      { executor: 'constant-arrival-rate', name: 'named', rate: '2/s', duration: '1s', maxVUs: 5 },
      { executor: 'ramping-arrival-rate', startRate: '1/s', stages: [{ duration: '1s', target: 2 }], maxVUs: 5 },
      { executor: 'per-vu-iterations', iterations: 2 },
    ];
    const limits = [
      'requests 5/s burst 5',
      'tokens 1000/min algorithm fixed-window',
      { name: 'daily', algorithm: 'calendar-quota', amount: 100, per: 'day' },
    ];
    const scenario = await scenarioFrom(
      {
        name: 'every-part',
        client: { model: 'openai-node' },
        time: 'model',
        load,
        provider: { limits, faults: [{ status: 503, rate: '5%', at: '1s' }] },
        thresholds: { call_duration: ['p(95)<9s'], call_failed: ['rate<0.9'] },
        verdicts: { 'no-jitter': 'error', 'over-waits': { severity: 'warn' } },
      } as ScenarioInput,
      '.',
    );
    return modelJournal(scenario, 'test')[0] as HeaderRecord;
  }

  it.each<[string, () => Promise<readonly object[]>, number]>([
    ['the header', async () => [await scenarioHeader(), ...CALLS.slice(0, 3), END], 0],
    ['a call', async () => [header(), ...CALLS, END], 1],
    ['an attempt', async () => [header(), ...[...CALLS].reverse(), END], 1],
    ['a second', async () => [header(), ...seconds, END], 1],
    ['the end', async () => [header(), ...CALLS, END], CALLS.length + 1],
  ])('%s', async (_name, make, index) => {
    const records = JSON.parse(JSON.stringify(await make())) as object[];
    const untold: string[] = [];
    let named = 0;
    let tried = 0;
    for (const path of pathsOf(records[index])) {
      for (const wrong of WRONG) {
        write(
          records
            .with(index, withValue(records[index], path, wrong) as object)
            .filter((record) => record !== undefined),
        );
        tried++;
        try {
          if (problemsOf()) named++;
        } catch (error) {
          untold.push(`${path.join('.')} = ${JSON.stringify(wrong)}: ${(error as Error).message}`);
        }
      }
    }
    expect(untold).toEqual([]);
    expect(tried).toBeGreaterThan(10);
    expect(named).toBeGreaterThan(tried / 4);
  });
});
