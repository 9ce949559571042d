import { describe, expect, it } from 'vitest';
import { diffRuns } from '../../../src/comparison/first-difference.ts';
import { repeated, runOf, strip } from '../analysis/strip.ts';

const BASE = 'a.1 0-20 429 ra=1000\na.2 1020-1200 200\nb.1 2000-2200 200';
const diffWithBase = (text: string, base = BASE) => diffRuns(runOf(strip(base)), runOf(strip(text)));

describe('diffRuns', () => {
  it.each<[string, string, object]>([
    [
      'a wait one millisecond longer',
      'a.1 0-20 429 ra=1000\na.2 1021-1201 200\nb.1 2000-2200 200',
      {
        kind: 'attempt',
        atUs: 1_020_000,
        base: 'attempt 2 of call 1 at 1020ms, 200 at 1200ms',
        candidate: 'nothing until attempt 2 of call 1 at 1021ms, 200 at 1201ms',
      },
    ],
    [
      'an additional call',
      `${BASE}\nc.1 2300-2400 200`,
      { kind: 'attempt', base: 'nothing more', candidate: 'attempt 1 of call 3 at 2300ms, 200 at 2400ms' },
    ],
    [
      // The runs diverge when the call of the base ends, before the candidate sends its attempt.
      'an additional attempt in a finished call',
      `${BASE}\nb.2 2300-2400 200`,
      { kind: 'call', atUs: 2_200_000, candidate: 'call 2, started at 2000ms, ok at 2400ms' },
    ],
    [
      'a missing attempt',
      'a.1 0-20 429 ra=1000\na.2 1020-1200 200',
      { kind: 'attempt', atUs: 2_000_000, candidate: 'nothing more' },
    ],
    [
      'a different reply at the same time',
      BASE.replace('1020-1200 200', '1020-1200 500'),
      { kind: 'attempt', atUs: 1_200_000, candidate: 'attempt 2 of call 1 at 1020ms, 500 at 1200ms' },
    ],
    [
      'a different call result with equal attempts',
      `${BASE}\n=> b error`,
      {
        kind: 'call',
        base: 'call 2, started at 2000ms, ok at 2200ms',
        candidate: 'call 2, started at 2000ms, error at 2200ms',
      },
    ],
  ])('%s', (_what, text, expected) => {
    expect(diffWithBase(text)).toMatchObject({ seed: 1, of: 'behaviour', ...expected });
  });

  it('reports content only if behaviour is equal', () => {
    expect(diffWithBase(BASE.replace('a.1 0-20 429', 'a.1 0-20 429 body=other'))).toMatchObject({
      of: 'content',
      atUs: 20_000,
    });
    expect(
      diffWithBase(BASE.replace('a.1 0-20 429', 'a.1 0-20 429 body=x').replace('2000-2200', '2001-2201')),
    ).toMatchObject({
      of: 'behaviour',
      atUs: 2_000_000,
    });
  });

  it('returns undefined for equal runs', () => {
    expect(diffWithBase(BASE)).toBeUndefined();
    const many = repeated(BASE, 50, 5000);
    expect(diffRuns(runOf(many), runOf(many))).toBeUndefined();
  });
});
