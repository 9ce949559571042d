import { type Problem, QuotaLabError } from '../../mock-server/error.ts';

/** Further problems are only counted. */
const MAX_LISTED = 100;

/** The problems of one trace file. */
export interface TraceProblems {
  readonly count: number;
  add(problem: Omit<Problem, 'path' | 'file'>): void;
  /** Throws `trace/invalid` with every problem. */
  throwIfAny(): void;
}

export function createTraceProblems(file: string): TraceProblems {
  const listed: Problem[] = [];
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(problem) {
      if (++count <= MAX_LISTED) listed.push({ path: '', file, ...problem });
    },
    throwIfAny() {
      if (count === 0) return;
      const more = count > MAX_LISTED ? `; the first ${MAX_LISTED} are listed` : '';
      const problems = count === 1 ? 'one problem' : `${count.toLocaleString('en-US')} problems${more}`;
      throw new QuotaLabError('trace/invalid', `${file} has ${problems}`, { problems: listed });
    },
  };
}
