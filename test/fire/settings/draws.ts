import { leaf, type Node } from './node.ts';

/** Draws from a seed, without the product's own generator. */
export interface Draws {
  /** A number in [0, 1). */
  next(): number;
  whole(min: number, max: number): number;
  chance(share: number): boolean;
  pick<Value>(values: readonly Value[]): Value;
  /** A node, or nothing. */
  maybe(node: () => Node): Node | undefined;
}

/** mulberry32. */
export function drawsOf(seed: number): Draws {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    whole,
    chance: (share) => next() < share,
    pick: (values) => values[whole(0, values.length - 1)]!,
    maybe: (node) => (next() < 0.5 ? node() : undefined),
  };
}

/** Values that are never right where a number, a text or a name is meant. */
const NO_SCALARS = [[], [1], { wild: 1 }, null];

export const duration = (draws: Draws): Node =>
  leaf(
    draws.pick(['1s', '250ms', '1m30s', '2m', '10s']),
    ...[5, '5', '3 parsecs', '-1s', '1e30d', `${'9'.repeat(20)}d`, '1s 1', true, ...NO_SCALARS],
  );

/** The length of a load, which must not be zero or years. */
export const loadDuration = (draws: Draws): Node => {
  const base = duration(draws);
  return base.kind === 'leaf' ? leaf(base.value, ...base.wrong, '0s', 0, '4000d') : base;
};

export const int = (draws: Draws, min: number, max: number, most = Number.MAX_SAFE_INTEGER): Node =>
  leaf(
    draws.whole(min, max),
    ...[min - 1, min + 0.5, 1e300, 'x', true, ...NO_SCALARS],
    ...(most < Number.MAX_SAFE_INTEGER ? [most + 1, 1_000_000_000] : []),
  );

export const amount = (draws: Draws, min: number, max: number): Node =>
  leaf(
    draws.pick([draws.whole(min, max), `${max}`]),
    min - 1,
    1.5,
    1e300,
    'many',
    '1.2.3k',
    '5 k',
    true,
    ...NO_SCALARS,
  );

export const rate = (draws: Draws): Node =>
  leaf(draws.pick(['5/s', '500/min', '3/20s', '90k/min']), '5', '5/x', '0/s', '5/0s', 'fast', 5, true, ...NO_SCALARS);

export const arrivalRate = (draws: Draws): Node =>
  leaf(draws.pick(['5/s', 2, '300/min', 0.5]), '5', '5/x', 'fast', -1, '1G/s', 1e12, true, ...NO_SCALARS);

export const share = (draws: Draws): Node =>
  leaf(draws.pick(['5%', 0.1, '100%']), '130%', '5 parts', 2, -0.1, true, ...NO_SCALARS);

export const flag = (draws: Draws): Node => leaf(draws.chance(0.5), 'maybe', 3, ...NO_SCALARS);

export const text = (draws: Draws, ...values: string[]): Node =>
  leaf(draws.pick(values.length > 0 ? values : ['alpha', 'beta']), 5, true, ...NO_SCALARS);

export const name = (draws: Draws, ...values: string[]): Node =>
  leaf(draws.pick(values), 'x'.repeat(300), 'no/slash', 7, true, ...NO_SCALARS);

/** The name of a limit, which may have any letters. */
export const anyName = (value: string): Node => leaf(value, 'x'.repeat(300), 7, true, ...NO_SCALARS);

/** One of several names. */
export const oneOf = (draws: Draws, ...names: string[]): Node => {
  const value = draws.pick(names);
  const wrong = misspell(draws, value);
  return leaf(value, ...(names.includes(wrong) ? [] : [wrong]), 'nonsense', 7, true, ...NO_SCALARS);
};

/** Returns a name with one slip: two letters that change places, one that is left out, or one too many. */
export function misspell(draws: Draws, word: string): string {
  const at = draws.whole(0, Math.max(0, word.length - 2));
  const [a = 'x', b = 'y'] = [word[at], word[at + 1]];
  const slips = [
    `${word.slice(0, at)}${b}${a}${word.slice(at + 2)}`,
    `${word.slice(0, at)}${word.slice(at + 1)}`,
    `${word.slice(0, at)}${a}${word.slice(at)}`,
  ];
  const slip = draws.pick(slips);
  return slip === word || slip === '' ? `${word}x` : slip;
}
