import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { FIGURES, type Figure } from '../analysis/metrics/figures.ts';
import { meantName } from '../scenario/meant-name.ts';
import { parseDuration } from '../scenario/quantity.ts';

/** How far a figure may get worse: a share of the base's, or an amount in the unit that measurements have. */
export interface Allowance {
  readonly kind: 'share' | 'amount' | 'any';
  readonly value: number;
  /** Whether more or less is held against the candidate. */
  readonly worse: 'more' | 'less';
  /** As written, e.g. `+5%`. */
  readonly text: string;
}

export interface Allowances {
  /** For every figure that has a better side and no allowance of its own; a share of 1. */
  readonly usual: number;
  readonly own: ReadonlyMap<string, Allowance>;
}

const FORMS = 'e.g. +5%, -0.1, +1pp (points of a share), +200ms, or any';

/** Reads `call_duration p(95)=+5%` and the like. Throws `compare/bad-allowance` with every problem. */
export function readAllowances(usual: string, own: readonly string[]): Allowances {
  const problems: Problem[] = [];
  const [, hundredths] = /^\+?(\d+(?:\.\d+)?) ?%$/.exec(usual.trim()) ?? [];
  if (hundredths === undefined) problems.push({ path: '--allowance', message: `cannot read "${usual}": e.g. 5%` });
  const entries = own.flatMap((text): [string, Allowance][] => {
    const read = readOne(text);
    if ('name' in read) return [[read.name, read.allowance]];
    problems.push({ path: '--allow', ...read });
    return [];
  });
  if (problems.length > 0) {
    throw new QuotaLabError('compare/bad-allowance', 'cannot read what is allowed', { problems });
  }
  return { usual: Number(hundredths) / 100, own: new Map(entries) };
}

function readOne(text: string): { name: string; allowance: Allowance } | Omit<Problem, 'path'> {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const figure = FIGURES.find((one) => one.name === name);
  if (at < 0) return { message: `"${text}" must be figure=allowance, ${FORMS}` };
  if (!figure) {
    const names = FIGURES.map((one) => one.name);
    return { message: `there is no figure "${name}"; there are ${names.join(', ')}`, ...meantName(name, names) };
  }
  const allowance = readAmount(figure, text.slice(at + 1).trim());
  return 'message' in allowance ? allowance : { name, allowance };
}

function readAmount({ name, unit, better }: Figure, text: string): Allowance | Omit<Problem, 'path'> {
  const [, sign, amount, tail] = /^([+-]?)(\d+(?:\.\d+)?)(%|pp|[a-zµ]\w*)?$/.exec(text) ?? [];
  const usualWorse = better === 'neither' ? undefined : better === 'more' ? 'less' : 'more';
  if (text === 'any') return { kind: 'any', value: 0, worse: usualWorse ?? 'more', text };
  if (amount === undefined) return { message: `${name}: cannot read "${text}", ${FORMS}` };
  const worse = sign === '+' ? 'more' : sign === '-' ? 'less' : usualWorse;
  if (worse === undefined) return { message: `${name} has no better side: write +${text} or -${text}` };
  if (usualWorse && worse !== usualWorse) {
    return {
      message: `${name} gets worse by ${usualWorse}: write ${usualWorse === 'more' ? '+' : '-'}${amount}${tail ?? ''}`,
    };
  }
  const shown = `${worse === 'more' ? '+' : '-'}${amount}${tail ?? ''}`;
  if (tail === '%') return { kind: 'share', value: Number(amount) / 100, worse, text: shown };
  const value = amountIn(unit, Number(amount), tail, `${amount}${tail ?? ''}`);
  return value === undefined
    ? { message: `${name}: "${text}" is no ${UNIT_WORDS[unit]}` }
    : { kind: 'amount', value, worse, text: shown };
}

const UNIT_WORDS: Readonly<Record<Figure['unit'], string>> = {
  us: 'duration such as 200ms',
  share: 'share: write per cent of it (5%) or points (1pp)',
  count: 'number',
  'per-second': 'number',
  ratio: 'number',
};

function amountIn(unit: Figure['unit'], amount: number, tail: string | undefined, text: string): number | undefined {
  if (unit === 'share') return tail === 'pp' ? amount / 100 : undefined;
  if (unit !== 'us') return tail === undefined ? amount : undefined;
  const read = parseDuration(text);
  return 'value' in read ? read.value / 1000 : undefined;
}

/** What a figure is allowed; undefined where nothing is held against the candidate. */
export function allowanceOf({ name, better }: Figure, { usual, own }: Allowances): Allowance | undefined {
  const written = own.get(name);
  if (written || better === 'neither' || better === 'cost') return written;
  const worse = better === 'more' ? 'less' : 'more';
  return {
    kind: 'share',
    value: usual,
    worse,
    text: `${worse === 'more' ? '+' : '-'}${Number((usual * 100).toFixed(4))}%`,
  };
}

/** Whether a figure got worse by more than it may. A base of 0 allows no share of anything. */
export function isBeyond({ kind, value, worse }: Allowance, base: number, change: number): boolean {
  const by = worse === 'more' ? change : -change;
  if (by <= 0 || kind === 'any') return false;
  // A hair above, so that 5 % of a hundred is five.
  return by > (kind === 'share' ? value * Math.abs(base) : value) * (1 + 1e-9);
}
