import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { TraceColumns } from '../../../src/load/trace.ts';
import { shapeAt } from '../../../src/load/trace-table.ts';
import { loadScenario } from '../../../src/traces/load-scenario.ts';
import { readTrace } from '../../../src/traces/read-trace.ts';

const folder = mkdtempSync(join(tmpdir(), 'trace-'));

function written(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** Rows as their seconds and what they ask: `4.3s {"promptTokens":396}`. */
async function rowsOf(file: string, columns?: TraceColumns): Promise<string[]> {
  const table = await readTrace(file, columns);
  return Array.from(table.atUs, (us, row) => `${us / 1e6}s ${JSON.stringify(shapeAt(table, row))}`);
}

const problemsOf = (read: Promise<unknown>): Promise<string[]> =>
  read.then(
    () => [],
    (error: { code: string; problems: readonly { line?: number; message: string; hint?: string }[] }) => [
      error.code,
      ...error.problems.map(({ line, message, hint = '' }) => `${line ?? '-'}: ${message} (${hint})`),
    ],
  );

const AZURE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-11-16 18:15:50.9951690,396,109
`;
const BURST = `Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,ChatGPT,472,18,490,Conversation log
45,GPT-4,1087,0,1087,API log
`;
const MOONCAKE = `{"timestamp": 0, "input_length": 6755, "output_length": 500, "hash_ids": [0, 1]}
{"timestamp": 3052, "input_length": 7322, "output_length": 490, "hash_ids": [0, 4]}
`;

describe('the traces that people publish', () => {
  it.each([
    [
      'Azure',
      'azure.csv',
      AZURE,
      ['0s {"promptTokens":374,"completionTokens":44}', '4.314579s {"promptTokens":396,"completionTokens":109}'],
    ],
    [
      'BurstGPT, whose failed requests have no answer',
      'burst.csv',
      BURST,
      [
        '0s {"model":"ChatGPT","promptTokens":472,"completionTokens":18,"kind":"Conversation log"}',
        '40s {"model":"GPT-4","promptTokens":1087,"kind":"API log"}',
      ],
    ],
    [
      'Mooncake, in milliseconds',
      'mooncake.jsonl',
      MOONCAKE,
      ['0s {"promptTokens":6755,"completionTokens":500}', '3.052s {"promptTokens":7322,"completionTokens":490}'],
    ],
  ])('%s', async (_, name, text, rows) => {
    expect(await rowsOf(written(name, text))).toEqual(rows);
    expect(await rowsOf(written(`${name}.gz`, gzipSync(text)))).toEqual(rows);
  });
});

it('Parquet, and columns by other names with the unit of their times', async () => {
  const writer = new ByteWriter();
  const columnData = [
    { name: 'ts', data: [1000n, 2500n], type: 'INT64' as const },
    { name: 'in', data: [10, 20], type: 'INT32' as const },
    { name: 'who', data: ['chat', 'batch'], type: 'STRING' as const },
  ];
  parquetWrite({ writer, columnData });
  const file = written('own.parquet', new Uint8Array(writer.getBuffer()));
  expect(await rowsOf(file, { time: 'ts:ms', promptTokens: 'in', client: 'who' })).toEqual([
    '0s {"promptTokens":10,"client":"chat"}',
    '1.5s {"promptTokens":20,"client":"batch"}',
  ]);
  expect(await problemsOf(readTrace(file, { time: 'at' }))).toEqual([
    'trace/invalid',
    '-: has no column at, which columns.time names (it has ts, in, who)',
  ]);
});

describe('a trace that is wrong', () => {
  it('every row that is, by its line', async () => {
    const text = `${AZURE}2023-11-16 18:15:40,396,109\n2023-11-16 18:15:51,many,55\n,91,16\n2023-11-16 18:15:52,91\n`;
    expect(await problemsOf(readTrace(written('bad.csv', text)))).toEqual([
      'trace/invalid',
      '4: TIMESTAMP runs backwards: "2023-11-16 18:15:40" is before the row above (sort the rows by time, the earliest first)',
      '5: ContextTokens must be a whole number of tokens, not "many" ()',
      '6: TIMESTAMP is missing (every arrival needs its time)',
      '7: GeneratedTokens is missing (leave it empty (in JSON: null) if it is not known)',
    ]);
  });

  it.each([
    [
      'no time',
      'a,b\n1,2\n',
      '1: has no column that is known as the time of an arrival (columns: { time: NAME }; it has a, b)',
    ],
    ['no row', 'time,promptTokens\n', '-: has no arrival ()'],
    ['no JSON', '{"time":1}\nnope\n', '2: is not a JSON object ()'],
  ])('%s', async (_, text, problem) => {
    expect(await problemsOf(readTrace(written('bad.csv', text)))).toEqual(['trace/invalid', problem]);
  });

  it('a window without an arrival', async () => {
    written('azure.csv', AZURE);
    const load = '[{ executor: trace, file: azure.csv, from: 1m }]';
    const file = written('s.yaml', `name: x\nclient: { model: openai-node }\nload: ${load}\n`);
    expect((await problemsOf(loadScenario(file)))[1]).toContain(
      'has no arrival: the last one of azure.csv is 4.315s after',
    );
  });
});
