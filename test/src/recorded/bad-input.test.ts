import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { readFieldMap } from '../../../src/recorded/field-map.ts';
import { har, harEntry, harStrip, read, runOf } from './traffic.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { message: string }[] };
    return `${code}: ${problems.map(({ message }) => message).join('; ')}`;
  }
  throw new Error('nothing was wrong');
}

describe('recordings that cannot be read', () => {
  const whole = harStrip('0-20 429 ra=1\n1100-1300 200');

  it.each([
    ['empty', '', /^recording\/unknown-format: it is empty/],
    ['not JSON, and no log', 'hello\nworld\n', /^recording\/unknown-format: it begins with neither JSON/],
    ['JSON of another kind', '{\n"a": 1\n}', /^recording\/unknown-format: it begins with JSON of no known shape/],
    [
      'cut off',
      whole.slice(0, -200),
      /^recording\/damaged: it is no whole JSON document: .*; 1 entry was whole before/,
    ],
    ['broken in the middle', whole.replace('"startedDateTime"', 'startedDateTime'), /^recording\/damaged/],
    ['two documents', whole + whole, /^recording\/damaged: .*2 entries were whole before/],
    ['a HAR without entries', har([]), /^recording\/no-requests/],
    [
      'nothing but other hosts',
      har([harEntry(0, 10, 200, { url: 'https://a.example/b' })]),
      /1 left out: host a.example \(first: entry 1\)/,
    ],
    ['JSON lines without a map', '{"ts":1,"code":200}\n', /^recording\/no-map: its first line has the fields ts, code/],
  ])('%s', (_name, text, expected) => {
    expect(codeOf(() => read(text))).toMatch(expected);
  });

  it('a map is told everything that is wrong with it', () => {
    expect(codeOf(() => readFieldMap(['at=ts:ms,statsu=http.status', 'model', 'key=k:ms']))).toMatch(
      /no field statsu; "model" is not field=path; only at, end, duration, firstByte have units/,
    );
    expect(codeOf(() => readFieldMap(['status=s']))).toContain('at is needed');
  });

  it('a log format without a time, a status or a request', () => {
    expect(codeOf(() => read('x', { logFormat: '$remote_addr' }))).toMatch(
      /no time; it has no \$status; it has no \$request/,
    );
  });
});

describe('recordings that tell less', () => {
  it('entries out of order are sorted, and that is said', () => {
    const { header, attempts } = runOf(harStrip('5000-5100 200 body=c\n0-20 429 rc=0 body=a\n500-600 200 rc=1 body=a'));
    expect(attempts.map(({ startUs }) => startUs)).toEqual([0, 500_000, 5_000_000]);
    expect(header.recorded!.notes[0]).toMatch(/^1 request stands after one that began later \(first: entry 2\)/);
  });

  it('without timings, waits are between starts: too short is proved, long enough is not', () => {
    const early = harStrip(
      '0 429 ra=5 rc=0 body=a\n900 200 rc=1 body=a\n9000 429 ra=4 rc=0 body=b\n9500 200 rc=1 body=b',
    );
    const obeyed = harStrip(
      [1, 2, 3, 1]
        .map((ra, n) => `${n * 9000} 429 ra=${ra} rc=0 body=${n}\n${n * 9000 + ra * 1000 + 200} 200 rc=1 body=${n}`)
        .join('\n'),
    );
    const of = (text: string): object => {
      const run = runOf(text);
      expect(run.header.recorded!.missing).toContain('durations');
      return analyse(run).verdicts.find(({ id }) => id === 'ignores-retry-after')!;
    };
    expect(of(early)).toMatchObject({ status: 'fail', figure: 1 });
    expect(of(obeyed)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('when answers came and ended'),
    });
  });

  it('durations that were not recorded are not counted as none', () => {
    const { metrics } = analyse(runOf(harStrip('0 200 body=a\n900-1000 200 body=b')));
    expect(metrics.find(({ name }) => name === 'attempt_duration')).toMatchObject({ sorted: [100_000] });
    expect(metrics.map(({ name }) => name)).not.toContain('start_lateness');
  });
});
