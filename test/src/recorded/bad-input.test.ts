import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { parseFieldMap } from '../../../src/recorded/field-map.ts';
import { har, harEntry, harStrip, read, runOf } from './traffic.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { message: string }[] };
    return `${code}: ${problems.map(({ message }) => message).join('; ')}`;
  }
  throw new Error('expected an error');
}

describe('invalid recordings', () => {
  const whole = harStrip('0-20 429 ra=1\n1100-1300 200');

  it.each([
    ['empty', '', /^recording\/unknown-format: it is empty/],
    ['neither JSON nor a log', 'hello\nworld\n', /^recording\/unknown-format: it starts with neither JSON/],
    ['JSON of another kind', '{\n"a": 1\n}', /^recording\/unknown-format: it starts with JSON of an unknown shape/],
    [
      'cut off',
      whole.slice(0, -200),
      /^recording\/damaged: it is not a valid JSON document: .*; 1 entry read before the error/,
    ],
    ['broken in the middle', whole.replace('"startedDateTime"', 'startedDateTime'), /^recording\/damaged/],
    ['two documents', whole + whole, /^recording\/damaged: .*2 entries read before the error/],
    ['a HAR without entries', har([]), /^recording\/no-requests/],
    [
      'only other hosts',
      har([harEntry(0, 10, 200, { url: 'https://a.example/b' })]),
      /1 skipped: host a.example \(first: entry 1\)/,
    ],
    ['JSON lines without a map', '{"ts":1,"code":200}\n', /^recording\/no-map: fields in the first line: ts, code/],
  ])('%s', (_name, text, expected) => {
    expect(codeOf(() => read(text))).toMatch(expected);
  });

  it('reports every problem of a field map', () => {
    expect(codeOf(() => parseFieldMap(['at=ts:ms,statsu=http.status', 'model', 'key=k:ms']))).toMatch(
      /unknown field statsu; "model" is not field=path; only at, end, duration, firstByte take a unit/,
    );
    expect(codeOf(() => parseFieldMap(['status=s']))).toContain('at is required');
  });

  it('rejects a log format without time, status and request', () => {
    expect(codeOf(() => read('x', { logFormat: '$remote_addr' }))).toMatch(
      /no time; it has no \$status; it has no \$request/,
    );
  });
});

describe('incomplete recordings', () => {
  it('sorts entries that are out of order and adds a note', () => {
    const { header, attempts } = runOf(harStrip('5000-5100 200 body=c\n0-20 429 rc=0 body=a\n500-600 200 rc=1 body=a'));
    expect(attempts.map(({ startUs }) => startUs)).toEqual([0, 500_000, 5_000_000]);
    expect(header.recorded!.notes[0]).toMatch(/^1 request was out of order \(first: entry 2\)/);
  });

  it('without timings, waits are between starts: proof that a wait is too short, not that it is long enough', () => {
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
      reason: expect.stringContaining('when replies started and ended'),
    });
  });

  it('does not count missing durations as zero', () => {
    const { metrics } = analyse(runOf(harStrip('0 200 body=a\n900-1000 200 body=b')));
    expect(metrics.find(({ name }) => name === 'attempt_duration')).toMatchObject({ sorted: [100_000] });
    expect(metrics.map(({ name }) => name)).not.toContain('start_lateness');
  });
});
