import type { Random } from '../../../mock-server/random.ts';

/** Field names that the dialects read, so that random JSON passes the first checks. */
export const FIELDS =
  'model messages role content input prompt tools function name parameters tool_choice response_format json_schema schema stop n max_tokens max_completion_tokens stream stream_options include_usage contents parts text generationConfig system temperature best_of input_schema type dimensions encoding_format previous_response_id instructions metadata functionDeclarations responseSchema responseMimeType requests toolConfig functionCallingConfig mode allowed_tools custom server_label format strict description reasoning effort summary verbosity truncation top_logprobs max_tool_calls parallel_tool_calls store user output_config'.split(
    ' ',
  );
export const WORDS: readonly string[] = [
  'gpt-4o-mini',
  'claude-opus-5-5',
  'user',
  'tool',
  'function',
  'object',
  'string',
  'json_schema',
  'json_object',
  'application/json',
  'required',
  'auto',
  'allowed_tools',
  'ANY',
  '$ref',
  '#',
  '',
];
const ODD_KEYS = ['__proto__', 'constructor', 'toString', '', '0', '$ref', 'ключ'];
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -0,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  '\u0000',
  '\ud800',
  '日本語 🙂',
  'a\r\nb: c',
  'x'.repeat(5000),
  [],
  {},
  [[]],
];

/** Draws from a random stream. */
export function createDice(random: Random) {
  const below = (count: number): number => Math.floor(random() * count);
  const oneOf = <Value>(values: readonly Value[]): Value => values[below(values.length)]!;
  const chance = (share: number): boolean => random() < share;

  /** Any JSON value, with the fields and words of requests in it. */
  function wildValue(depth = 4): unknown {
    const kind = below(depth > 0 ? 6 : 3);
    if (kind === 0) return oneOf(ODD_VALUES);
    if (kind === 1) return oneOf(WORDS);
    if (kind === 2) return chance(0.5) ? below(1000) : oneOf(FIELDS);
    if (kind === 3) return Array.from({ length: below(4) }, () => wildValue(depth - 1));
    const entries = Array.from({ length: below(5) }, () => [
      chance(0.9) ? oneOf(FIELDS) : oneOf(ODD_KEYS),
      wildValue(depth - 1),
    ]);
    return Object.fromEntries(entries);
  }

  /** Replaces, removes or adds one value, at any depth. */
  function spoil(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || chance(0.15)) return wildValue();
    const entries = Object.entries(value);
    if (entries.length === 0 || chance(0.2)) {
      return Array.isArray(value) ? [...value, wildValue(2)] : { ...value, [oneOf(FIELDS)]: wildValue(2) };
    }
    const [key, inner] = oneOf(entries);
    if (chance(0.2))
      return withEntries(
        value,
        entries.filter(([other]) => other !== key),
      );
    return withEntries(
      value,
      entries.map(([other, kept]) => [other, other === key ? spoil(inner) : kept]),
    );
  }

  return { below, oneOf, chance, wildValue, spoil };
}

export type Dice = ReturnType<typeof createDice>;

function withEntries(like: object, entries: readonly [string, unknown][]): unknown {
  return Array.isArray(like) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
