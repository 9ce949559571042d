import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { parseDuration } from '../../mock-server/quantity.ts';
import { FIGURES, type Figure } from '../analysis/metrics/figures.ts';
import { unknownName } from '../scenario/suggest-name.ts';

/** How much worse a figure may get: a share of the base value, or an amount in the unit of measurements. */
export interface Allowance {
  readonly kind: 'share' | 'amount' | 'any';
  readonly value: number;
  /** The direction in which a change is worse. */
  readonly worse: 'more' | 'less';
  /** As written, e.g. `+5%`. */
  readonly text: string;
}

export interface Allowances {
  /** Allowed share (0 to 1) for figures without their own allowance; ignored for figures without a better direction. */
  readonly defaultShare: number;
  readonly byFigure: ReadonlyMap<string, Allowance>;
}

const EXAMPLES = 'e.g. +5%, -0.1, +1pp (percentage points), +200ms, or any';

/**
 * Parses the default allowance, e.g. `5%`, and allowances of figures, e.g. `call_duration p(95)=+5%`. Throws
 * `compare/bad-allowance` with every problem.
 */
export function parseAllowances(defaultText: string, figureTexts: readonly string[]): Allowances {
  const problems: Problem[] = [];
  const [, percent] = /^\+?(\d+(?:\.\d+)?) ?%$/.exec(defaultText.trim()) ?? [];
  if (percent === undefined) problems.push({ path: '--allowance', message: `cannot parse "${defaultText}", e.g. 5%` });
  const entries = figureTexts.flatMap((text): [string, Allowance][] => {
    const parsed = parseAllowance(text);
    if ('name' in parsed) return [[parsed.name, parsed.allowance]];
    problems.push({ path: '--allow', ...parsed });
    return [];
  });
  if (problems.length > 0) {
    throw new QuotaLabError('compare/bad-allowance', 'invalid allowances', { problems });
  }
  return { defaultShare: Number(percent) / 100, byFigure: new Map(entries) };
}

function parseAllowance(text: string): { name: string; allowance: Allowance } | Omit<Problem, 'path'> {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const figure = FIGURES.find((known) => known.name === name);
  if (at < 0) return { message: `"${text}" must be figure=allowance, ${EXAMPLES}` };
  if (!figure) {
    const names = FIGURES.map((known) => known.name);
    return unknownName(`unknown figure "${name}"`, name, { allowed: names, list: 'figures are' });
  }
  const allowance = parseAllowedChange(figure, text.slice(at + 1).trim());
  return 'message' in allowance ? allowance : { name, allowance };
}

function parseAllowedChange({ name, unit, better }: Figure, text: string): Allowance | Omit<Problem, 'path'> {
  const [, sign, amount, tail] = /^([+-]?)(\d+(?:\.\d+)?)(%|pp|[a-zµ]\w*)?$/.exec(text) ?? [];
  const worseDirection = better === 'neither' ? undefined : better === 'more' ? 'less' : 'more';
  if (text === 'any') return { kind: 'any', value: 0, worse: worseDirection ?? 'more', text };
  if (amount === undefined) return { message: `${name}: cannot parse "${text}", ${EXAMPLES}` };
  const worse = sign === '+' ? 'more' : sign === '-' ? 'less' : worseDirection;
  if (worse === undefined) return { message: `${name} has no better direction: write +${text} or -${text}` };
  if (worseDirection && worse !== worseDirection) {
    return {
      message: `${name} gets worse when it ${worseDirection === 'more' ? 'rises: write +' : 'falls: write -'}${amount}${tail ?? ''}`,
    };
  }
  const canonical = `${worse === 'more' ? '+' : '-'}${amount}${tail ?? ''}`;
  if (tail === '%') return { kind: 'share', value: Number(amount) / 100, worse, text: canonical };
  const value = convertAmount(unit, Number(amount), tail, `${amount}${tail ?? ''}`);
  return value === undefined
    ? { message: `${name}: "${text}" is not a valid ${UNIT_LABELS[unit]}` }
    : { kind: 'amount', value, worse, text: canonical };
}

const UNIT_LABELS: Readonly<Record<Figure['unit'], string>> = {
  us: 'duration, e.g. 200ms',
  share: 'share: write a percentage of it (5%) or percentage points (1pp)',
  count: 'number',
  'per-second': 'number',
  ratio: 'number',
};

function convertAmount(
  unit: Figure['unit'],
  amount: number,
  tail: string | undefined,
  text: string,
): number | undefined {
  if (unit === 'share') return tail === 'pp' ? amount / 100 : undefined;
  if (unit !== 'us') return tail === undefined ? amount : undefined;
  const parsed = parseDuration(text);
  return 'value' in parsed ? parsed.value / 1000 : undefined;
}

/** Returns the allowance of a figure; undefined if no change of it is a regression. */
export function findAllowance({ name, better }: Figure, { defaultShare, byFigure }: Allowances): Allowance | undefined {
  const written = byFigure.get(name);
  if (written || better === 'neither' || better === 'cost') return written;
  const worse = better === 'more' ? 'less' : 'more';
  return {
    kind: 'share',
    value: defaultShare,
    worse,
    text: `${worse === 'more' ? '+' : '-'}${Number((defaultShare * 100).toFixed(4))}%`,
  };
}

/** Returns whether a figure got worse by more than its allowance. A share of a base of 0 allows no change. */
export function exceedsAllowance({ kind, value, worse }: Allowance, base: number, change: number): boolean {
  const by = worse === 'more' ? change : -change;
  if (by <= 0 || kind === 'any') return false;
  // Tolerates rounding errors, so that a change of exactly 5 % does not exceed 5 %.
  return by > (kind === 'share' ? value * Math.abs(base) : value) * (1 + 1e-9);
}
