import { describe, expect, it } from 'vitest';
import { simHash, toHex } from '../../../mock-server/similarity/simhash.ts';
import { createJoiner } from '../../../src/attribution/joiner.ts';
import { attemptsOf } from './attempts.ts';

/**
 * Plays a film in milliseconds, in order of lines: `0 begins 1 PROMPT`, `900 ends 1`, and attempts as `attemptsOf` has them,
 * when they end. Gives call and rung of each attempt: `1 prompt`, `- none`.
 */
function joins(film: string, remembered?: number): string[] {
  const joiner = createJoiner(remembered);
  const lines = film.trim().split('\n');
  return lines.flatMap((line) => {
    const [, at, what, id, prompt = ''] = /^\s*(\d+) (begins|ends) (\d+) ?(.*)$/.exec(line) ?? [];
    if (what === 'begins') joiner.begins({ id: Number(id), prompt }, Number(at) * 1000);
    if (what === 'ends') joiner.ends(Number(id), Number(at) * 1000);
    if (what !== undefined) return [];
    const [attempt] = attemptsOf(line);
    const textHash = toHex(simHash(attempt!.textHash!));
    const { call, joinedBy } = joiner.join({
      sight: { ...attempt!, textHash },
      startUs: attempt!.startUs,
      endUs: attempt!.endUs,
    });
    return [`${call ?? '-'} ${joinedBy}`];
  });
}

/** Calls that send a millisecond after they began, before a film that is shifted by 100 s. */
const LEARNT = Array.from({ length: 20 }, (_, index) => {
  const atMs = index * 100;
  return `${atMs} begins ${index + 1} learnt ${index}\n${atMs + 1}-${atMs + 20} 200 tag=${index + 1}\n${atMs + 22} ends ${index + 1}`;
}).join('\n');

function shifted(film: string): string {
  return film
    .trim()
    .replace(/^(\s*)(\d+)(-\d+)?/gm, (_, indent, from, to) =>
      [indent, Number(from) + 100_000, to && `-${Number(to.slice(1)) + 100_000}`].join(''),
    )
    .replace(/(begins|ends) (\d)/g, '$1 10$2')
    .replace(/tag=(\d)/g, 'tag=10$1');
}

describe('attempts of calls that the runner starts, best rung first', () => {
  it('the tag, whatever else they say', () => {
    expect(joins('0 begins 1 a\n0 begins 2 b\n10-20 429 tag=2 text=a\n30-40 200 tag=1 text=a')).toEqual([
      '2 tag',
      '1 tag',
    ]);
  });

  it('a tag that is no number is none; one of a call that nobody has begun is believed', () => {
    expect(joins('0 begins 1 a\n10-20 429 tag=one text=a\n30-40 200 tag=7 text=a')).toEqual(['1 prompt', '7 tag']);
  });

  it('an idempotency key that a call has sent, after its end and with other words', () => {
    const film = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 tag=1 idem=x text=a
      30 ends 1
      5000-5020 200 idem=x text=c body=c`;
    expect(joins(film)).toEqual(['1 tag', '1 idempotency']);
  });

  it('a key says which attempts belong together; of which call, what joined the first', () => {
    const film = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 idem=x text=a
      30-40 200 idem=x text=changed`;
    expect(joins(film)).toEqual(['1 prompt', '1 prompt']);
  });

  it('a key that several calls send tells nothing', () => {
    const film = `
      0 begins 1 a
      0 begins 2 a
      10-20 429 tag=1 idem=x text=a
      10-20 429 tag=2 idem=x text=a
      30-40 200 idem=x text=a`;
    expect(joins(film).at(-1)).toBe('- none');
  });

  it('the text, where it is the prompt of one call alone that was open then', () => {
    const film = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 text=b
      10-30 429 text=a
      500 ends 1
      510 begins 3 a
      520-540 200 text=a`;
    expect(joins(film)).toEqual(['2 prompt', '1 prompt', '3 prompt']);
  });

  it('an attempt is of the call that was open when it came, even if it ends after it', () => {
    expect(joins('0 begins 1 a\n800 ends 1\n900 begins 2 a\n700-1000 aborted text=a\n950-990 200 text=a')).toEqual([
      '1 prompt',
      '2 prompt',
    ]);
  });

  it('what was on its way when its call ended is of it, for a second', () => {
    expect(joins('0 begins 1 a\n0 begins 2 b\n500 ends 1\n1400-1410 200 text=a\n1600-1610 200 text=a')).toEqual([
      '1 prompt',
      '- none',
    ]);
  });

  it('one prompt of several open calls tells nothing', () => {
    expect(joins('0 begins 1 a\n5 begins 2 a\n10-20 429 text=a\n15-25 200 text=a')).toEqual(['- none', '- none']);
  });

  it('among these, the one that has no other under way', () => {
    const film = `
      0 begins 1 a
      10-900 200 tag=1 text=a
      20 begins 2 a
      21-31 429 tag=2 text=a
      500-950 200 text=a`;
    expect(joins(film)).toEqual(['1 tag', '2 tag', '2 prompt']);
  });

  it('or whose first attempt must be under way, if it is known how soon calls send', () => {
    const film = `
      0 begins 1 a
      20 begins 2 a
      21-31 429 text=a
      500-950 200 text=a
      1-990 200 text=a`;
    expect(joins(film)).toEqual(['- none', '- none', '1 prompt']);
    expect(joins(`${LEARNT}\n${shifted(film)}`).slice(-3)).toEqual(['102 prompt', '102 prompt', '101 prompt']);
  });

  it('among these, the one that the count of retries fits', () => {
    const film = `
      0 begins 1 a
      10-20 429 text=a rc=0
      30 begins 2 a
      40-50 429 text=a rc=0
      500-510 429 text=a rc=1
      550-560 200 text=a rc=2`;
    expect(joins(film)).toEqual(['1 prompt', '2 retry-count', '- none', '- none']);
    // The second cannot have come to its second attempt: its first is not over.
    expect(joins('0 begins 1 a\n10-20 429 text=a rc=0\n30 begins 2 a\n500-510 200 text=a rc=1').at(-1)).toBe(
      '1 retry-count',
    );
  });

  it('among these, the one that has just begun, if it is known how soon calls send', () => {
    const film = `
      0 begins 1 a
      1-20 429 text=a
      300 begins 2 a
      301-320 429 text=a
      600-620 429 text=a`;
    expect(joins(film)).toEqual(['1 prompt', '- none', '- none']);
    expect(joins(`${LEARNT}\n${shifted(film)}`).slice(-3)).toEqual(['101 prompt', '102 prompt', '- none']);
  });

  it('calls that began together are not told apart', () => {
    const film = `
      0 begins 1 a
      0 begins 2 a
      1-20 429 text=a
      1-20 429 text=a
      600-620 429 text=a`;
    expect(joins(`${LEARNT}\n${shifted(film)}`).slice(-3)).toEqual(['- none', '- none', '- none']);
  });

  it('among these, the one whose body it is, if the others have shown theirs', () => {
    const film = `
      0 begins 1 a
      10-20 429 text=a body=x
      30 begins 2 a
      40-50 429 text=a body=x
      40-50 429 tag=2 text=a body=y
      500-510 200 text=a body=x`;
    expect(joins(film)).toEqual(['1 prompt', '- none', '2 tag', '- none']);
    expect(joins(film.replace('40-50 429 text=a body=x', '45 begins 3 b'))).toEqual([
      '1 prompt',
      '2 tag',
      '1 body-hash',
    ]);
  });

  it('a body that one open call has sent, where the text is nobody’s prompt', () => {
    const film = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 tag=1 text=template body=x
      30-40 200 text=template body=x
      50-60 429 tag=2 text=template body=x
      70-80 200 text=template body=x`;
    expect(joins(film)).toEqual(['1 tag', '1 body-hash', '2 tag', '- none']);
  });

  it('a body whose call has ended is not its retry', () => {
    expect(
      joins(
        '0 begins 1 a\n0 begins 2 b\n0 begins 3 c\n10-20 200 tag=1 text=t body=x\n30 ends 1\n40-50 200 text=t body=x',
      ),
    ).toEqual(['1 tag', '- none']);
  });

  it('the only call that was open, at last', () => {
    const film = `
      5-6 200 text=early
      10 begins 1 a
      20-30 429 text=template
      40 begins 2 b
      50-60 200 text=template
      70 ends 1
      80-90 200 text=other
      95 ends 2
      99-100 200 text=late`;
    // The third has the body of the first, which had gone to call 1 by guess.
    expect(
      joins(film.replaceAll('text=template', 'text=template body=x').replace('text=other', 'text=other body=y')),
    ).toEqual(['- none', '1 only-open', '1 body-hash', '2 only-open', '- none']);
  });
});

describe('a long run', () => {
  it('calls that ended long ago are forgotten, and attempts as old are joined to nothing that is left', () => {
    const film = `
      0 begins 1 a
      1 begins 2 a
      1 begins 3 b
      100 ends 2
      200 ends 3
      50-300 200 text=a
      210-300 200 text=a`;
    expect(joins(film, 1)).toEqual(['- none', '1 prompt']);
    expect(joins(film, 2)).toEqual(['- none', '1 prompt']);
  });

  it('thousands of calls of one prompt, of which some are remembered, find theirs', () => {
    const joiner = createJoiner(100);
    const [attempt] = attemptsOf('0-1 200 text=a body=x');
    const textHash = toHex(simHash('a'));
    let joined = 0;
    for (let id = 1; id <= 20_000; id++) {
      joiner.begins({ id, prompt: 'a' }, id * 10);
      joined += Number(
        joiner.join({ sight: { ...attempt!, textHash }, startUs: id * 10 + 1, endUs: id * 10 + 4 }).call === id,
      );
      joiner.ends(id, id * 10 + 5);
    }
    expect(joined).toBe(20_000);
  });

  it('of hundreds that ask the same at once nothing is joined, and of those among them nothing is certain later', () => {
    const many = (what: string): string =>
      Array.from({ length: 200 }, (_, index) => `${what} ${index + 200} ${what.includes('begins') ? 'a' : ''}`).join(
        '\n',
      );
    const film = `${LEARNT}
      100000 begins 101 a
      100001-100020 429 text=a
      ${many('100100 begins')}
      100101-100120 429 text=a
      ${many('100200 ends')}
      100300 begins 102 a
      100301-100310 429 text=a
      100500-100510 429 text=a`;
    expect(joins(film).slice(-4)).toEqual(['101 prompt', '- none', '102 prompt', '- none']);
  });
});
