import { QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Run } from '../analysis/run/run-view.ts';

/** A run and what was computed from it. */
export interface Judged {
  readonly run: Run;
  readonly analysis: Analysis;
}

/** What `expect` may be given: a run of `virtualRun`, one that was read from a journal, or several seeds of one scenario. */
export type Judgeable = Judged | Run | readonly (Judged | Run)[];

const analysed = new WeakMap<Run, Analysis>();

/** The runs that `expect` was given. Throws `matcher/not-a-run`. */
export function judgedRuns(received: unknown): readonly [Judged, ...Judged[]] {
  const [first, ...others] = [received].flat().map(judged);
  if (first) return [first, ...others];
  throw notARun('an empty list', 'give it at least one run');
}

function judged(received: unknown): Judged {
  if (received instanceof Promise) throw notARun('a promise', 'await virtualRun(…), or expect(…).resolves');
  if (typeof received !== 'object' || received === null) throw notARun(String(received), HOW);
  if ('run' in received && 'analysis' in received) return received as Judged;
  if (!('header' in received && 'calls' in received && 'attempts' in received)) throw notARun('something else', HOW);
  const run = received as Run;
  const analysis = analysed.get(run) ?? analyse(run);
  analysed.set(run, analysis);
  return { run, analysis };
}

const HOW = 'expect(await virtualRun({ client, load, limits })), or readRun(await readJournal(file))';

function notARun(what: string, hint: string): QuotaLabError {
  return new QuotaLabError('matcher/not-a-run', `this matcher judges a run, not ${what} (${hint})`);
}
