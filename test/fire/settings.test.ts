import { expect, it } from 'vitest';
import { trySettings } from './settings.ts';

/** `npm run fire -- settings --count 5000` tries more. */
const COUNT = 120;

it(`wrong settings in ${COUNT} drawn scenarios, in files and by --set: each is named, with line and hint, in one round`, async () => {
  const { failures, byKind, mistakes, named, madeUp, slowestCpuMs } = await trySettings(COUNT, 1);
  expect(failures).toEqual([]);
  expect({ named, madeUp }).toEqual({ named: mistakes, madeUp: 0 });
  expect(mistakes).toBeGreaterThan(3 * COUNT);
  for (const kind of [
    'unknown-key',
    'misspelt-key',
    'wrong-value',
    'wrong-block',
    'missing-key',
    'doubled-name',
    'misspelt-path',
  ])
    expect(byKind[kind], kind).toBeGreaterThan(0);
  // Processor time: a busy machine does not count.
  expect(slowestCpuMs).toBeLessThan(2000);
});
