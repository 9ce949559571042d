import { describe, expect, it } from 'vitest';
import { wordsHash } from '../../../mock-server/similarity/words-hash.ts';
import { createJoiner } from '../../../src/attribution/joiner.ts';
import { parseAttempts } from './attempts.ts';

/**
 * Plays events in order of their lines, in milliseconds: `0 begins 1 PROMPT`, `900 ends 1`, and ended attempts in the format
 * of `parseAttempts`. Returns call and rung of each attempt: `1 prompt`, `- none`.
 */
function joins(events: string, maxEnded?: number): string[] {
  const joiner = createJoiner(maxEnded);
  const lines = events.trim().split('\n');
  return lines.flatMap((line) => {
    const [, at, event, id, prompt = ''] = /^\s*(\d+) (begins|ends) (\d+) ?(.*)$/.exec(line) ?? [];
    if (event === 'begins') joiner.callStarted({ id: Number(id), prompt }, Number(at) * 1000);
    if (event === 'ends') joiner.callEnded(Number(id), Number(at) * 1000);
    if (event !== undefined) return [];
    const [attempt] = parseAttempts(line);
    const { call, joinedBy } = joiner.join({
      view: attempt!,
      promptHash: wordsHash(attempt!.textHash!),
      startUs: attempt!.startUs,
      endUs: attempt!.endUs,
    });
    return [`${call ?? '-'} ${joinedBy}`];
  });
}

/** Twenty calls that send their first attempt after 1 ms; to be played before events shifted by 100 s. */
const LAGS = Array.from({ length: 20 }, (_, index) => {
  const atMs = index * 100;
  return `${atMs} begins ${index + 1} other ${index}\n${atMs + 1}-${atMs + 20} 200 tag=${index + 1}\n${atMs + 22} ends ${index + 1}`;
}).join('\n');

function shifted(events: string): string {
  return events
    .trim()
    .replace(/^(\s*)(\d+)(-\d+)?/gm, (_, indent, from, to) =>
      [indent, Number(from) + 100_000, to && `-${Number(to.slice(1)) + 100_000}`].join(''),
    )
    .replace(/(begins|ends) (\d)/g, '$1 10$2')
    .replace(/tag=(\d)/g, 'tag=10$1');
}

describe('joining attempts to calls that the runner starts, best rung first', () => {
  it('joins by the tag, whatever the other marks', () => {
    expect(joins('0 begins 1 a\n0 begins 2 b\n10-20 429 tag=2 text=a\n30-40 200 tag=1 text=a')).toEqual([
      '2 tag',
      '1 tag',
    ]);
  });

  it('ignores a tag that is not a number; accepts the tag of an unknown call', () => {
    expect(joins('0 begins 1 a\n10-20 429 tag=one text=a\n30-40 200 tag=7 text=a')).toEqual(['1 prompt', '7 tag']);
  });

  it('joins by an idempotency key, even after the call has ended or with another prompt', () => {
    const events = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 tag=1 idem=x text=a
      30 ends 1
      5000-5020 200 idem=x text=c body=c`;
    expect(joins(events)).toEqual(['1 tag', '1 idempotency']);
  });

  it('a key joins later attempts to the call of the first, by the rung of the first', () => {
    const events = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 idem=x text=a
      30-40 200 idem=x text=changed`;
    expect(joins(events)).toEqual(['1 prompt', '1 prompt']);
  });

  it('does not join by a key that several calls send', () => {
    const events = `
      0 begins 1 a
      0 begins 2 a
      10-20 429 tag=1 idem=x text=a
      10-20 429 tag=2 idem=x text=a
      30-40 200 idem=x text=a`;
    expect(joins(events).at(-1)).toBe('- none');
  });

  it('joins by the prompt if exactly one open call has it', () => {
    const events = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 text=b
      10-30 429 text=a
      500 ends 1
      510 begins 3 a
      520-540 200 text=a`;
    expect(joins(events)).toEqual(['2 prompt', '1 prompt', '3 prompt']);
  });

  it('an attempt belongs to the call that was open when it started, even if it ends later', () => {
    expect(joins('0 begins 1 a\n800 ends 1\n900 begins 2 a\n700-1000 aborted text=a\n950-990 200 text=a')).toEqual([
      '1 prompt',
      '2 prompt',
    ]);
  });

  it('an attempt in transit at the end of its call belongs to it for a second', () => {
    expect(joins('0 begins 1 a\n0 begins 2 b\n500 ends 1\n1400-1410 200 text=a\n1600-1610 200 text=a')).toEqual([
      '1 prompt',
      '- none',
    ]);
  });

  it('does not join by the prompt of several open calls', () => {
    expect(joins('0 begins 1 a\n5 begins 2 a\n10-20 429 text=a\n15-25 200 text=a')).toEqual(['- none', '- none']);
  });

  it('of several calls with one prompt, joins to the one without an attempt in flight', () => {
    const events = `
      0 begins 1 a
      10-900 200 tag=1 text=a
      20 begins 2 a
      21-31 429 tag=2 text=a
      500-950 200 text=a`;
    expect(joins(events)).toEqual(['1 tag', '2 tag', '2 prompt']);
  });

  it('does not join to a call whose first attempt must be in flight, if the lag is known', () => {
    const events = `
      0 begins 1 a
      20 begins 2 a
      21-31 429 text=a
      500-950 200 text=a
      1-990 200 text=a`;
    expect(joins(events)).toEqual(['- none', '- none', '1 prompt']);
    expect(joins(`${LAGS}\n${shifted(events)}`).slice(-3)).toEqual(['102 prompt', '102 prompt', '101 prompt']);
  });

  it('of several calls with one prompt, joins to the one that fits the retry count', () => {
    const events = `
      0 begins 1 a
      10-20 429 text=a rc=0
      30 begins 2 a
      40-50 429 text=a rc=0
      500-510 429 text=a rc=1
      550-560 200 text=a rc=2`;
    expect(joins(events)).toEqual(['1 prompt', '2 retry-count', '- none', '- none']);
    // The second call cannot be at its second attempt: its first has not ended.
    expect(joins('0 begins 1 a\n10-20 429 text=a rc=0\n30 begins 2 a\n500-510 200 text=a rc=1').at(-1)).toBe(
      '1 retry-count',
    );
  });

  it('of several calls with one prompt, joins to the one that has just started, if the lag is known', () => {
    const events = `
      0 begins 1 a
      1-20 429 text=a
      300 begins 2 a
      301-320 429 text=a
      600-620 429 text=a`;
    expect(joins(events)).toEqual(['1 prompt', '- none', '- none']);
    expect(joins(`${LAGS}\n${shifted(events)}`).slice(-3)).toEqual(['101 prompt', '102 prompt', '- none']);
  });

  it('does not join to calls with one prompt that started together', () => {
    const events = `
      0 begins 1 a
      0 begins 2 a
      1-20 429 text=a
      1-20 429 text=a
      600-620 429 text=a`;
    expect(joins(`${LAGS}\n${shifted(events)}`).slice(-3)).toEqual(['- none', '- none', '- none']);
  });

  it('of several calls with one prompt, joins to the one with this body, if the other bodies are known', () => {
    const events = `
      0 begins 1 a
      10-20 429 text=a body=x
      30 begins 2 a
      40-50 429 text=a body=x
      40-50 429 tag=2 text=a body=y
      500-510 200 text=a body=x`;
    expect(joins(events)).toEqual(['1 prompt', '- none', '2 tag', '- none']);
    expect(joins(events.replace('40-50 429 text=a body=x', '45 begins 3 b'))).toEqual([
      '1 prompt',
      '2 tag',
      '1 body-hash',
    ]);
  });

  it('joins by a body that one open call has sent, if the text is not the prompt of any call', () => {
    const events = `
      0 begins 1 a
      0 begins 2 b
      10-20 429 tag=1 text=template body=x
      30-40 200 text=template body=x
      50-60 429 tag=2 text=template body=x
      70-80 200 text=template body=x`;
    expect(joins(events)).toEqual(['1 tag', '1 body-hash', '2 tag', '- none']);
  });

  it('does not join by the body of a call that has ended', () => {
    expect(
      joins(
        '0 begins 1 a\n0 begins 2 b\n0 begins 3 c\n10-20 200 tag=1 text=t body=x\n30 ends 1\n40-50 200 text=t body=x',
      ),
    ).toEqual(['1 tag', '- none']);
  });

  it('joins to the only open call as the last rung', () => {
    const events = `
      5-6 200 text=early
      10 begins 1 a
      20-30 429 text=template
      40 begins 2 b
      50-60 200 text=template
      70 ends 1
      80-90 200 text=other
      95 ends 2
      99-100 200 text=late`;
    // The third attempt has the body of the second, which was joined to call 1 by guess.
    expect(
      joins(events.replaceAll('text=template', 'text=template body=x').replace('text=other', 'text=other body=y')),
    ).toEqual(['- none', '1 only-open', '1 body-hash', '2 only-open', '- none']);
  });
});

describe('a long run', () => {
  it('forgets calls that ended long ago, and does not join attempts that are as old', () => {
    const events = `
      0 begins 1 a
      1 begins 2 a
      1 begins 3 b
      100 ends 2
      200 ends 3
      50-300 200 text=a
      210-300 200 text=a`;
    expect(joins(events, 1)).toEqual(['- none', '1 prompt']);
    expect(joins(events, 2)).toEqual(['- none', '1 prompt']);
  });

  it('joins the attempts of thousands of calls with one prompt, although it keeps only some calls', () => {
    const joiner = createJoiner(100);
    const [attempt] = parseAttempts('0-1 200 text=a body=x');
    const sent = { view: attempt!, promptHash: wordsHash('a') };
    let joined = 0;
    for (let id = 1; id <= 20_000; id++) {
      joiner.callStarted({ id, prompt: 'a' }, id * 10);
      joined += Number(joiner.join({ ...sent, startUs: id * 10 + 1, endUs: id * 10 + 4 }).call === id);
      joiner.callEnded(id, id * 10 + 5);
    }
    expect(joined).toBe(20_000);
  });

  it('does not join attempts of hundreds of open calls with one prompt, nor later attempts that may be theirs', () => {
    const many = (event: string): string =>
      Array.from({ length: 200 }, (_, index) => `${event} ${index + 200} ${event.includes('begins') ? 'a' : ''}`).join(
        '\n',
      );
    const events = `${LAGS}
      100000 begins 101 a
      100001-100020 429 text=a
      ${many('100100 begins')}
      100101-100120 429 text=a
      ${many('100200 ends')}
      100300 begins 102 a
      100301-100310 429 text=a
      100500-100510 429 text=a`;
    expect(joins(events).slice(-4)).toEqual(['101 prompt', '- none', '102 prompt', '- none']);
  });
});
