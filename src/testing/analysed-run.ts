import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Run } from '../analysis/run/run-view.ts';

/** A run and its analysis. */
export interface AnalysedRun {
  readonly run: Run;
  readonly analysis: Analysis;
}

/** What `expect` accepts: a run of `virtualRun`, a run read from a journal, or several seeds of one scenario. */
export type Judgeable = AnalysedRun | Run | readonly (AnalysedRun | Run)[];

const analyses = new WeakMap<Run, Analysis>();

/** Returns the runs passed to `expect`, analysed. Throws `matcher/not-a-run`. */
export function analysedRuns(received: unknown): readonly [AnalysedRun, ...AnalysedRun[]] {
  const [first, ...others] = [received].flat().map(toAnalysedRun);
  if (first) return [first, ...others];
  throw notARunError('an empty list', 'pass at least one run');
}

function toAnalysedRun(received: unknown): AnalysedRun {
  if (received instanceof Promise) throw notARunError('a promise', 'await virtualRun(…), or expect(…).resolves');
  if (typeof received !== 'object' || received === null) throw notARunError(String(received), USAGE);
  if ('run' in received && 'analysis' in received) return received as AnalysedRun;
  if (!('header' in received && 'calls' in received && 'attempts' in received))
    throw notARunError('something else', USAGE);
  const run = received as Run;
  const analysis = analyses.get(run) ?? analyse(run);
  analyses.set(run, analysis);
  return { run, analysis };
}

const USAGE = 'expect(await virtualRun({ client, load, limits })), or readRun(await readJournal(file))';

function notARunError(what: string, hint: string): QuotaLabError {
  return new QuotaLabError('matcher/not-a-run', `this matcher judges a run, not ${what} (${hint})`);
}
