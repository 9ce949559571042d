import { failsRun } from '../analysis/analyse.ts';
import { judgeRun, verdictProblems } from '../analysis/judging/judge-run.ts';
import { judgeSeeds } from '../analysis/judging/judge-seeds.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import { paintFor } from '../report/terminal/paint.ts';
import { verdictLines } from '../report/terminal/verdict-lines.ts';
import { indented } from '../report/terminal/wrap.ts';
import type { VerdictSetting } from '../scenario/scenario.ts';
import { WIDTH } from './call-proof.ts';
import { allHold, askedWrongly, type Claim } from './claim.ts';
import type { Judged } from './judged.ts';

/** How a test asks for what one run cannot prove. */
const ANOTHER_SEED = 'virtualRuns with seeds: 2';

const SILENT =
  'Give the run what it judges: limits that refuse (less refill, more load), or faults that happen (provider.faults).';

/** One verdict passes. It was asked for by name, so that a warning is no pass and silence neither. */
export function verdictPasses(
  runs: readonly Judged[],
  id: string,
  settings: Readonly<Record<string, unknown>> = {},
  says = `to pass the verdict ${id}`,
): Claim {
  const verdict = verdictNamed(runs, id, settings);
  return { says, holds: isPass(verdict), seen: linesOf([verdict]) };
}

/** Each of the named verdicts passes; without names, all that count in the run, as its exit code has it. */
export function verdictsPass(runs: readonly Judged[], ids: readonly string[]): Claim {
  if (ids.length === 0) return runPasses(runs);
  const verdicts = ids.map((id) => verdictNamed(runs, id, {}));
  const holds = allHold(verdicts.map(isPass));
  const shown = verdicts.filter((verdict) => holds === true || isPass(verdict) !== true);
  return { says: `to pass the verdicts ${ids.join(', ')}`, holds, seen: linesOf(shown) };
}

function runPasses(runs: readonly Judged[]): Claim {
  const counting = together(runs, (judged) => judged.analysis.verdicts).filter(({ severity }) => severity === 'error');
  const failing = counting.filter((verdict) => failsRun(verdict, { allowInconclusive: true }));
  const undecided = counting.filter(({ status }) => status === 'inconclusive');
  const passing = counting.filter(({ status }) => status === 'pass' || status === 'warn');
  const says = 'to pass every verdict of severity error';
  if (failing.length > 0) return { says, holds: false, seen: linesOf(failing) };
  if (undecided.length > 0) return { says, holds: undefined, seen: linesOf(undecided) };
  if (passing.length > 0) return { says, holds: true, seen: linesOf(passing) };
  return { says, holds: undefined, seen: [...indented('None of them had anything to judge.', WIDTH, 4), ...advice()] };
}

/** A verdict over all the runs, computed anew where the scenario has it off or it is asked for with other settings. */
function verdictNamed(runs: readonly Judged[], id: string, settings: Readonly<Record<string, unknown>>): Verdict {
  const changed = Object.keys(settings).length > 0;
  const problems = verdictProblems({ [id]: changed ? settings : 'error' });
  if (problems.length > 0) throw askedWrongly('this verdict cannot be asked for', problems);
  const [verdict] = together(runs, ({ run, analysis }) => {
    const known = analysis.verdicts.find((one) => one.id === id);
    if (known && !changed) return [known];
    const written = settingsIn(run.header.scenario.verdicts[id]);
    return judgeRun(run, { [id]: { ...written, ...settings, severity: 'error' } }).filter((one) => one.id === id);
  });
  return verdict!;
}

function together(runs: readonly Judged[], verdictsOf: (judged: Judged) => readonly Verdict[]): readonly Verdict[] {
  const [only, ...others] = runs;
  if (only && others.length === 0) return verdictsOf(only);
  return judgeSeeds(runs.map((judged) => ({ seed: judged.run.header.seed, verdicts: verdictsOf(judged) })));
}

function settingsIn(written: VerdictSetting | undefined): object {
  return typeof written === 'object' ? written : {};
}

function isPass({ status }: Verdict): boolean | undefined {
  return status === 'inconclusive' || status === 'not-applicable' ? undefined : status === 'pass';
}

/** In the words of the summary; a verdict that was asked for by name tells also why it had nothing to judge. */
function linesOf(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap((verdict) => {
    // Whether it fails the run is beside the question here.
    const asked: Verdict = { ...verdict, severity: 'error' };
    if (verdict.status !== 'not-applicable')
      return verdictLines({ verdicts: [asked] }, paintFor(false), WIDTH, ANOTHER_SEED);
    return [...indented(`${verdict.id}: not applicable. ${verdict.reason}`, WIDTH, 4, '– '), ...advice()];
  });
}

function advice(): string[] {
  return indented(SILENT, WIDTH, 6, '→ ');
}
