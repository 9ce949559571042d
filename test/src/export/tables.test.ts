import { readFileSync } from 'node:fs';
import { parquetReadObjects } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { prometheusText } from '../../../src/export/prometheus.ts';
import { ATTEMPT_COLUMNS } from '../../../src/export/table/attempt-columns.ts';
import { CALL_COLUMNS } from '../../../src/export/table/call-columns.ts';
import { csvLines } from '../../../src/export/table/csv.ts';
import { writeParquet } from '../../../src/export/table/parquet.ts';
import { runTable } from '../../../src/export/table/tables.ts';
import { runOf, strip } from '../analysis/strip.ts';

const RUN = runOf([
  ...strip(`
    a.1 0-20 429 ra=2000 admitAt=900 code=rate_limit_exceeded
    b.1 10-510 200 tokens=9
    a.2 1500-1750 200
    c.1 40-60 400 code=say_"no",_please
  `),
]);

const csv = (name: 'attempts' | 'calls'): string[] => [...csvLines(runTable(RUN, name))].map((line) => line.trimEnd());

/** The cells of a line by the names of the first. */
const row = ([head, ...lines]: string[], index: number): Record<string, string> => {
  const names = head!.split(',');
  return Object.fromEntries(lines[index]!.split(',').map((cell, column) => [names[column]!, cell]));
};

describe('tables', () => {
  it('attempts in order of start, with what each was told, waited, and when it could have passed', () => {
    const lines = csv('attempts');
    expect(lines).toHaveLength(5);
    expect(row(lines, 0)).toMatchObject({
      attempt: '1',
      call: '1',
      started_at: '2026-01-01T00:00:00.000000Z',
      ending: 'refused',
      told_ms: '2000',
      could_pass_ms: '900',
      waited_ms: '',
    });
    expect(lines.at(-1)).toContain('2026-01-01T00:00:01.500000Z,1500,250,250,answered,response,200');
    expect(row(lines, 3)).toMatchObject({ number: '2', waited_ms: '1480' });
  });

  it('quotes what CSV would break', () => {
    expect(csv('attempts').find((line) => line.includes('say_'))).toContain('"say_""no"",_please"');
  });

  it('calls, with the number of their attempts and refusals', () => {
    expect(row(csv('calls'), 0)).toMatchObject({
      call: '1',
      duration_ms: '1750',
      result: 'ok',
      attempts: '2',
      refused: '1',
    });
  });

  it('Parquet has the same cells, times with microseconds', async () => {
    const writer = new ByteWriter();
    writeParquet(runTable(RUN, 'attempts'), writer, { tool: 'quotalab test', seed: '1' });
    const rows = await parquetReadObjects({ file: writer.getBuffer() });
    expect(rows).toHaveLength(4);
    expect(rows[3]).toMatchObject({
      attempt: 3n,
      call: 1n,
      number: 2n,
      started_at: new Date('2026-01-01T00:00:01.500Z'),
      waited_ms: 1480,
      stream: false,
      told_ms: null,
    });
    expect(Object.keys(rows[0]!)).toEqual(csv('attempts')[0]!.split(','));
  });
});

it('the documentation lists the columns', () => {
  const docs = readFileSync(new URL('../../../docs/export.md', import.meta.url), 'utf8');
  for (const columns of [ATTEMPT_COLUMNS, CALL_COLUMNS])
    expect(docs).toContain(columns.map(({ name, about }) => `| \`${name}\` | ${about} |`).join('\n'));
});

it('Prometheus text has the metrics in seconds and the result of each verdict', async () => {
  const text = await prometheusText(RUN, analyse(RUN));
  const labels = 'scenario="strip",seed="1",time="wall"';
  expect(text).toContain(`quotalab_attempts_total{${labels}} 4\n`);
  expect(text).toContain(`quotalab_call_duration_seconds_sum{${labels}} 2.27\n`);
  expect(text).toContain(`quotalab_attempt_rejected_ratio{${labels}} 0.25\n`);
  expect(text).toMatch(/^quotalab_verdict\{verdict="ignores-retry-after",severity="error",result="\w[\w-]*",/m);
  // Every line is a comment or a sample of the text format 0.0.4.
  const lines = text.split('\n').filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(100);
  for (const line of lines)
    expect(line).toMatch(/^(# (HELP|TYPE) [a-z_:]+ .*|[a-z_:]+\{([a-z]+="[^"\n]*",?)+\} [-+.\dEe]+)$/);
});
