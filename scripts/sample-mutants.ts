/**
 * Draws mutants at random, where all of a folder would take hours. Stryker takes ranges of lines and columns, not single
 * mutants: others that lie within a drawn one are run with it, and not counted.
 */
import { globSync, readFileSync } from 'node:fs';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** A change of the code, in Stryker's words; lines and columns from 1. */
export interface DrawnMutant {
  readonly file: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly start: Position;
  readonly end: Position;
}

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A mutant with more others within it would bring all of them along. Nearly all such are noticed, so leaving them out flatters nothing. */
const MAX_WITHIN = 5;

const quiet = () => undefined;
const logger = {
  isDebugEnabled: () => false,
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
};

/** Draws `count` mutants of the files that match the patterns; `random` returns numbers in [0, 1). */
export async function drawMutants(
  root: string,
  patterns: readonly string[],
  count: number,
  random: () => number,
): Promise<{ readonly drawn: readonly DrawnMutant[]; readonly total: number }> {
  const names = globSync([...patterns], { cwd: root }).sort();
  const files = names.map((name) => ({ name, content: readFileSync(`${root}${name}`, 'utf8'), mutate: true }));
  const instrumenter = new Instrumenter(logger as never);
  const { mutants } = await instrumenter.instrument(files, { plugins: null, ignorers: [], excludedMutations: [] });
  const all = mutants.map(({ fileName, location, mutatorName, replacement }) => ({
    file: fileName,
    mutatorName,
    replacement,
    start: fromOne(location.start),
    end: fromOne(location.end),
  }));
  const byFile = Map.groupBy(all, ({ file }) => file);
  const within = (one: DrawnMutant): number => byFile.get(one.file)!.filter((other) => isWithin(other, one)).length - 1;
  const left = all.filter((one) => within(one) <= MAX_WITHIN);
  const drawn: DrawnMutant[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return { drawn, total: all.length };
}

const fromOne = ({ line, column }: Position): Position => ({ line: line + 1, column: column + 1 });

function isWithin(inner: DrawnMutant, outer: DrawnMutant): boolean {
  return !isBefore(inner.start, outer.start) && !isBefore(outer.end, inner.end);
}

const isBefore = (a: Position, b: Position): boolean => a.line < b.line || (a.line === b.line && a.column < b.column);

/** Formats a mutant as a range for `stryker run --mutate`, whose columns start from 0. */
export function toRange({ file, start, end }: DrawnMutant): string {
  return `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

/** The mutants of Stryker's JSON report. */
export interface MutationReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly mutants: readonly {
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly status: string;
          readonly location: { readonly start: Position; readonly end: Position };
        }[];
      }
    >
  >;
}

export interface SampleScore {
  readonly noticed: number;
  /** How many of them by tests that did not end in time, which a busy machine may be the cause of. */
  readonly timedOut: number;
  readonly survived: readonly DrawnMutant[];
  /** Not tried: static, or no program that compiles. */
  readonly ignored: number;
  /** Not in the report. */
  readonly missing: number;
}

/** Finds what became of the drawn mutants. */
export function scoreSample(drawn: readonly DrawnMutant[], report: MutationReport): SampleScore {
  const survived: DrawnMutant[] = [];
  const counts = { noticed: 0, timedOut: 0, ignored: 0, missing: 0 };
  for (const mutant of drawn) {
    const status = report.files[mutant.file]?.mutants.find(
      ({ mutatorName, replacement, location }) =>
        mutatorName === mutant.mutatorName &&
        replacement === mutant.replacement &&
        location.start.line === mutant.start.line &&
        location.start.column === mutant.start.column,
    )?.status;
    if (status === undefined) counts.missing++;
    else if (status === 'Survived' || status === 'NoCoverage') survived.push(mutant);
    else if (status === 'Killed' || status === 'Timeout') counts.noticed++;
    else counts.ignored++;
    if (status === 'Timeout') counts.timedOut++;
  }
  return { ...counts, survived };
}

/** Returns the bounds of a share with 95 % confidence (Wilson 1927). */
export function confidenceInterval(hits: number, of: number): readonly [low: number, high: number] {
  const z = 1.96;
  const share = hits / of;
  const centre = share + z ** 2 / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return [(centre - spread) / scale, (centre + spread) / scale];
}
