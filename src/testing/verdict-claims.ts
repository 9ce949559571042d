import { judgeRun, verdictProblems } from '../analysis/judging/judge-run.ts';
import { judgeSeeds } from '../analysis/judging/judge-seeds.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import { isFailure } from '../analysis/pass-rule.ts';
import { paintFor } from '../report/terminal/paint.ts';
import { verdictLines } from '../report/terminal/verdict-lines.ts';
import { indented } from '../report/terminal/wrap.ts';
import type { VerdictSetting } from '../scenario/scenario.ts';
import type { AnalysedRun } from './analysed-run.ts';
import { WIDTH } from './call-evidence.ts';
import { allHold, type Claim, invalidMatcherError } from './claim.ts';

/** How a test runs a second seed, for verdicts that one run cannot prove. */
const REPEAT_HINT = 'virtualRuns with seeds: 2';

const NOT_APPLICABLE_ADVICE =
  'Make the run produce what the verdict judges: refusals (less refill, more load) or faults (provider.faults).';

/** One verdict passes. A named verdict must have status `pass`: a warning fails, not-applicable is inconclusive. */
export function verdictPasses(
  runs: readonly AnalysedRun[],
  id: string,
  settings: Readonly<Record<string, unknown>> = {},
  expectation = `to pass the verdict ${id}`,
): Claim {
  const verdict = findVerdict(runs, id, settings);
  return { expectation, holds: isPass(verdict), details: describeVerdicts([verdict]) };
}

/** Each of the named verdicts passes. Without names: all of severity error, like the exit code of a run. */
export function verdictsPass(runs: readonly AnalysedRun[], ids: readonly string[]): Claim {
  if (ids.length === 0) return runPasses(runs);
  const verdicts = ids.map((id) => findVerdict(runs, id, {}));
  const holds = allHold(verdicts.map(isPass));
  const shown = verdicts.filter((verdict) => holds === true || isPass(verdict) !== true);
  return { expectation: `to pass the verdicts ${ids.join(', ')}`, holds, details: describeVerdicts(shown) };
}

function runPasses(runs: readonly AnalysedRun[]): Claim {
  const counting = combineSeeds(runs, ({ analysis }) => analysis.verdicts).filter(
    ({ severity }) => severity === 'error',
  );
  const failing = counting.filter((verdict) => isFailure(verdict, { allowInconclusive: true }));
  const undecided = counting.filter(({ status }) => status === 'inconclusive');
  const passing = counting.filter(({ status }) => status === 'pass' || status === 'warn');
  const expectation = 'to pass every verdict of severity error';
  if (failing.length > 0) return { expectation, holds: false, details: describeVerdicts(failing) };
  if (undecided.length > 0) return { expectation, holds: undefined, details: describeVerdicts(undecided) };
  if (passing.length > 0) return { expectation, holds: true, details: describeVerdicts(passing) };
  return {
    expectation,
    holds: undefined,
    details: [...indented('No verdict had anything to judge.', WIDTH, 4), ...adviceLines()],
  };
}

/** Returns a verdict over all runs. It is judged again if it is off in the scenario or `settings` differ. */
function findVerdict(runs: readonly AnalysedRun[], id: string, settings: Readonly<Record<string, unknown>>): Verdict {
  const changed = Object.keys(settings).length > 0;
  const problems = verdictProblems({ [id]: changed ? settings : 'error' });
  if (problems.length > 0) throw invalidMatcherError('invalid verdict', problems);
  const [verdict] = combineSeeds(runs, ({ run, analysis }) => {
    const known = analysis.verdicts.find((verdict) => verdict.id === id);
    if (known && !changed) return [known];
    const written = settingsOf(run.header.scenario.verdicts[id]);
    return judgeRun(run, { [id]: { ...written, ...settings, severity: 'error' } }).filter(
      (verdict) => verdict.id === id,
    );
  });
  return verdict!;
}

function combineSeeds(
  runs: readonly AnalysedRun[],
  verdictsOf: (run: AnalysedRun) => readonly Verdict[],
): readonly Verdict[] {
  const [only, ...others] = runs;
  if (only && others.length === 0) return verdictsOf(only);
  return judgeSeeds(runs.map((each) => ({ seed: each.run.header.seed, verdicts: verdictsOf(each) })));
}

function settingsOf(written: VerdictSetting | undefined): object {
  return typeof written === 'object' ? written : {};
}

function isPass({ status }: Verdict): boolean | undefined {
  return status === 'inconclusive' || status === 'not-applicable' ? undefined : status === 'pass';
}

/** Formats verdicts as in the summary. A verdict that does not apply also shows its reason. */
function describeVerdicts(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap((verdict) => {
    // With severity error, the text omits "does not fail the run", which is irrelevant here.
    const named: Verdict = { ...verdict, severity: 'error', severitySource: 'default' };
    if (verdict.status !== 'not-applicable')
      return verdictLines({ verdicts: [named] }, paintFor(false), WIDTH, { full: true, repeatHint: REPEAT_HINT });
    return [...indented(`${verdict.id}: not applicable. ${verdict.reason}`, WIDTH, 4, '– '), ...adviceLines()];
  });
}

function adviceLines(): string[] {
  return indented(NOT_APPLICABLE_ADVICE, WIDTH, 6, '→ ');
}
