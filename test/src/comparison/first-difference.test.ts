import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../../src/comparison/first-difference.ts';
import { repeated, runOf, strip } from '../analysis/strip.ts';

const BASE = 'a.1 0-20 429 ra=1000\na.2 1020-1200 200\nb.1 2000-2200 200';
const against = (text: string, base = BASE) => firstDifference(runOf(strip(base)), runOf(strip(text)));

describe('where two runs part', () => {
  it.each<[string, string, object]>([
    [
      'it waited a millisecond longer',
      'a.1 0-20 429 ra=1000\na.2 1021-1201 200\nb.1 2000-2200 200',
      {
        kind: 'attempt',
        atUs: 1_020_000,
        base: 'attempt 2 of call 1 at 1020ms, 200 at 1200ms',
        candidate: 'nothing until attempt 2 of call 1 at 1021ms, 200 at 1201ms',
      },
    ],
    [
      'one call more',
      `${BASE}\nc.1 2300-2400 200`,
      { kind: 'attempt', base: 'nothing more', candidate: 'attempt 1 of call 3 at 2300ms, 200 at 2400ms' },
    ],
    [
      // The base was done when the candidate was not: that is where they part, before the attempt is sent.
      'one attempt more, in a call that was over',
      `${BASE}\nb.2 2300-2400 200`,
      { kind: 'call', atUs: 2_200_000, candidate: 'call 2, begun at 2000ms, ok at 2400ms' },
    ],
    [
      'one attempt less',
      'a.1 0-20 429 ra=1000\na.2 1020-1200 200',
      { kind: 'attempt', atUs: 2_000_000, candidate: 'nothing more' },
    ],
    [
      'another answer at the same time',
      BASE.replace('1020-1200 200', '1020-1200 500'),
      { kind: 'attempt', atUs: 1_200_000, candidate: 'attempt 2 of call 1 at 1020ms, 500 at 1200ms' },
    ],
    [
      'the caller was told otherwise, by the same attempts',
      `${BASE}\n=> b error`,
      {
        kind: 'call',
        base: 'call 2, begun at 2000ms, ok at 2200ms',
        candidate: 'call 2, begun at 2000ms, error at 2200ms',
      },
    ],
  ])('%s', (_what, text, expected) => {
    expect(against(text)).toMatchObject({ seed: 1, of: 'behaviour', ...expected });
  });

  it('what is done goes before what is sent: a body that differs is told where nothing else does', () => {
    expect(against(BASE.replace('a.1 0-20 429', 'a.1 0-20 429 body=other'))).toMatchObject({
      of: 'content',
      atUs: 20_000,
    });
    expect(
      against(BASE.replace('a.1 0-20 429', 'a.1 0-20 429 body=x').replace('2000-2200', '2001-2201')),
    ).toMatchObject({
      of: 'behaviour',
      atUs: 2_000_000,
    });
  });

  it('nowhere', () => {
    expect(against(BASE)).toBeUndefined();
    const many = repeated(BASE, 50, 5000);
    expect(firstDifference(runOf(many), runOf(many))).toBeUndefined();
  });
});
