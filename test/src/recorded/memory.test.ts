import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createRecordingParser } from '../../../src/recorded/recording.ts';
import { harEntry } from './traffic.ts';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

it('does not keep the bodies of a HAR: thirty times the entries need no more memory', () => {
  const entry = JSON.stringify(
    harEntry(0, 100, 200, {
      body: `{"model":"gpt-4o","messages":"${'x'.repeat(200_000)}"}`,
      answer: 'y'.repeat(200_000),
    }),
  );
  const heapAfter = (entries: number): number => {
    const parser = createRecordingParser({
      tool: 'test',
      file: 'big.har',
      hosts: [],
      hash: (text) => String(text.length),
    });
    parser.push('{"log":{"version":"1.2","entries":[');
    for (let n = 0; n < entries; n++) parser.push(n === 0 ? entry : `,${entry}`);
    gc();
    const used = process.memoryUsage().heapUsed;
    parser.push(']}}');
    expect(parser.end().observations).toHaveLength(entries);
    return used;
  };
  const few = heapAfter(2);
  // 24 MB of text; the heap may grow by a tenth of that.
  expect(heapAfter(60) - few).toBeLessThan(2_400_000);
});
