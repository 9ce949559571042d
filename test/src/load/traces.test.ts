import { describe, expect, it } from 'vitest';
import { makePrompt, requestedAnswerTokens } from '../../../mock-server/completion/made-prompt.ts';
import { loadTokenizer } from '../../../mock-server/load-tokenizer.ts';
import { randomFor } from '../../../mock-server/random.ts';
import { type TracePlay, traceArrivals, windowLengthUs } from '../../../src/load/trace-schedule.ts';
import { createTraceTableBuilder, type TraceTable } from '../../../src/load/trace-table.ts';

const S = 1_000_000;
const PLAY: TracePlay = { fromUs: 0, speed: 1, scale: 1, loop: 1, models: {} };

/** A trace whose rows are at these seconds; the n-th has a prompt of n tokens. */
function traceAt(...seconds: readonly number[]): TraceTable {
  const builder = createTraceTableBuilder();
  for (const [index, at] of seconds.entries()) {
    const unknown = { completionTokens: null, stream: null, client: null, kind: null, conversation: null };
    builder.add({ timeUs: (1000 + at) * S, promptTokens: index + 1, model: 'big', ...unknown });
  }
  return builder.end()!;
}

/** When arrivals are due, in seconds, with the tokens of their prompts: `3s #2`. */
const played = (table: TraceTable, play: Partial<TracePlay>, seed = 1): string[] =>
  [...traceArrivals(table, { ...PLAY, ...play }, 10 * S, randomFor(seed, 'arrivals:0'))].map(
    ({ atUs, shape }) => `${atUs / S}s #${shape!.promptTokens}`,
  );

describe('a trace with arrivals after 0, 2, 3 and 9 s, in a load that starts at 10 s', () => {
  const trace = traceAt(0, 2, 3, 9);

  it.each<[string, Partial<TracePlay>, string[]]>([
    ['as it is', {}, ['10s #1', '12s #2', '13s #3', '19s #4']],
    ['twice as fast', { speed: 2 }, ['10s #1', '11s #2', '11.5s #3', '14.5s #4']],
    ['its third and fourth second', { fromUs: 2 * S, untilUs: 4 * S }, ['10s #2', '11s #3']],
    ['the same, twice', { fromUs: 2 * S, untilUs: 4 * S, loop: 2 }, ['10s #2', '11s #3', '12s #2', '13s #3']],
  ])('%s', (_, play, expected) => {
    expect(played(trace, play)).toEqual(expected);
  });

  it('a loop of the whole goes on after the mean gap', () => {
    expect(windowLengthUs(trace, PLAY)).toBe(12 * S);
    expect(played(trace, { loop: 2 }).slice(4)).toEqual(['22s #1', '24s #2', '25s #3', '31s #4']);
  });

  it('other names for its models', () => {
    const [first] = traceArrivals(trace, { ...PLAY, models: { big: 'gpt-4o' } }, 0, Math.random);
    expect(first!.shape!.model).toBe('gpt-4o');
  });
});

it('a scale leaves out arrivals or adds some, drawn by seed, in order, with the same shape', () => {
  const trace = traceAt(...Array.from({ length: 2000 }, (_, second) => second));
  for (const scale of [0.3, 1.7]) {
    const times = played(trace, { scale });
    expect(times).toEqual(played(trace, { scale }));
    expect(times).not.toEqual(played(trace, { scale }, 2));
    expect(Math.abs(times.length - 2000 * scale)).toBeLessThan(100);
    const seconds = times.map((text) => Number.parseFloat(text));
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    const firstHalf = seconds.filter((second) => second < 1010).length;
    expect(Math.abs(firstHalf - times.length / 2)).toBeLessThan(100);
  }
});

describe('a prompt has exactly the tokens that it is to have', () => {
  it.each(['characters', 'o200k_base', 'cl100k_base'] as const)('%s', async (tokenizer) => {
    const counter = await loadTokenizer({ tokenizer });
    for (let tokens = 1; tokens < 20_000; tokens = Math.ceil(tokens * 1.7)) {
      for (const answerTokens of [undefined, 7, 250, 16_000]) {
        const prompt = makePrompt({ tokens, tokenizer, answerTokens, position: tokens * 77, id: tokens * 12_345 });
        expect(requestedAnswerTokens(prompt)).toBe(answerTokens);
        // What asks for an answer is up to five tokens long.
        if (answerTokens === undefined || tokens >= 5) expect(counter.count(prompt)).toBe(tokens);
      }
    }
  });
});
