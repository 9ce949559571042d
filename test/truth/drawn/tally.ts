import { type Interval, shareInterval } from '../../../src/analysis/statistics/interval.ts';
import type { DrawnCase } from './draw-case.ts';
import { EXPECTATIONS, JUDGED, type JudgedId } from './expectations.ts';
import { type JudgedCase, speaks } from './run-case.ts';
import { type Expectation, seenIn } from './seen.ts';

/** What one case showed: what each verdict ought to have said, and which spoke. */
export interface Shown {
  readonly drawn: DrawnCase;
  readonly expected: Readonly<Record<JudgedId, Expectation>>;
  readonly spoke: readonly JudgedId[];
}

export function shownBy({ drawn, run, verdicts }: JudgedCase): Shown {
  const seen = seenIn(drawn, run);
  const expected = Object.fromEntries(JUDGED.map((id) => [id, EXPECTATIONS[id](seen)])) as Shown['expected'];
  return {
    drawn,
    expected,
    spoke: JUDGED.filter((id) => verdicts.some((verdict) => verdict.id === id && speaks(verdict))),
  };
}

/** One share with what it was counted from, and its 90 % interval. */
export interface Share {
  readonly count: number;
  readonly of: number;
  readonly interval: Interval | undefined;
}

/** How often one verdict found its fault, and accused clients without it. */
export interface Row {
  readonly id: JudgedId;
  readonly found: Share;
  readonly accused: Share;
  readonly missed: readonly Shown[];
  readonly accusedCases: readonly Shown[];
  /** Verdicts that spoke without a fault of theirs where this one was silent, the commonest first. */
  readonly instead: readonly (readonly [JudgedId, number])[];
}

export function tally(shown: readonly Shown[]): Row[] {
  return JUDGED.map((id) => {
    const faulty = shown.filter(({ expected }) => expected[id] === 'fault');
    const clean = shown.filter(({ expected }) => expected[id] === 'clean');
    const missed = faulty.filter(({ spoke }) => !spoke.includes(id));
    const accusedCases = clean.filter(({ spoke }) => spoke.includes(id));
    return {
      id,
      found: shareOf(faulty.length - missed.length, faulty.length),
      accused: shareOf(accusedCases.length, clean.length),
      missed,
      accusedCases,
      instead: countInstead(missed),
    };
  });
}

export function shareOf(count: number, of: number): Share {
  return { count, of, interval: of === 0 ? undefined : shareInterval(count, of) };
}

function countInstead(missed: readonly Shown[]): [JudgedId, number][] {
  const wrong = missed.flatMap(({ spoke, expected }) => spoke.filter((id) => expected[id] !== 'fault'));
  return [...Map.groupBy(wrong, (id) => id)]
    .map(([id, list]): [JudgedId, number] => [id, list.length])
    .sort((a, b) => b[1] - a[1]);
}
