import type { Command } from 'commander';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { parseAllowances } from '../comparison/allowance.ts';
import { type Comparison, compare } from '../comparison/compare.ts';
import { diffRuns, type FirstDifference } from '../comparison/first-difference.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { type ComparisonSources, comparisonSummary } from '../report/terminal/comparison-lines.ts';
import { addCiOptions, type CiFlags, type CiOutputs, createCiOutputs } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { collect } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { readAll } from './read-all.ts';
import { type ResultSource, readResult } from './read-result.ts';

export interface AllowanceFlags {
  readonly allow: readonly string[];
  readonly allowance: string;
}

interface CompareFlags extends AllowanceFlags, CiFlags {
  readonly force: boolean;
}

/** Adds the options for allowed regressions. */
export function addAllowances(command: Command): Command {
  return command
    .option(
      '--allow <figure=change>',
      "allowed change of one figure, e.g. 'call_duration p(95)=+5%'; repeatable",
      collect,
      [],
    )
    .option('--allowance <percent>', 'allowed change of every other figure', '5%');
}

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .summary('compare two results of a scenario')
    .description(
      'Compares a candidate with a base: every figure and whether its change is significant, verdicts and thresholds.',
    )
    .argument('<base>', 'a journal.jsonl, summary.json, seeds.json, baseline, or a folder of them')
    .argument('<candidate>', 'the same for the changed client');
  addCiOptions(addAllowances(command))
    .option('--force', 'compare runs made under different conditions', false)
    .option('--json', 'print the comparison as JSON', false);
  addHelpFooter(command, {
    exitCodes: { 0: 'no regression', 99: 'a figure got worse by more than is allowed' },
    example: 'quotalab compare reports/before reports/after --allowance 10%',
  }).action(async (base: string, candidate: string, flags: CompareFlags) => {
    const ci = createCiOutputs(flags);
    try {
      process.exitCode = await run(base, candidate, flags, ci);
    } catch (error) {
      await ci.writeError('compare', error);
      throw error;
    }
  });
}

async function run(base: string, candidate: string, flags: CompareFlags, ci: CiOutputs): Promise<number> {
  const { force, json } = flags;
  const [allowances, before, after] = await readAll(
    () => parseAllowances(flags.allowance, flags.allow),
    () => readResult(base),
    () => readResult(candidate),
  );
  const comparison = compare(before.measurement, after.measurement, { allowances, force });
  const first = await findFirstDifference(comparison, before, after);
  const sides = { base, candidate, ...(first && { first }) };
  if (json) process.stdout.write(`${JSON.stringify(comparisonJson(comparison, sides), null, 2)}\n`);
  else printComparison(comparison, sides, process.stdout);
  await ci.writeComparison(comparison, { base, candidate });
  return comparison.regressions.length > 0 ? EXIT.failed : EXIT.passed;
}

/** Prints a comparison as text in the width and colours of `stream`. */
export function printComparison(comparison: Comparison, sides: ComparisonSources, stream: NodeJS.WriteStream): void {
  const color = stream.isTTY && !process.env.NO_COLOR;
  stream.write(comparisonSummary(comparison, sides, { color, width: stream.columns ?? 100 }));
}

/** Returns the first difference between runs of a common seed; only repeatable (virtual) runs are compared. */
export async function findFirstDifference(
  { time, base, candidate }: Comparison,
  before: Pick<ResultSource, 'runOf'>,
  after: Pick<ResultSource, 'runOf'>,
): Promise<FirstDifference | undefined> {
  if (!isRepeatable(time)) return undefined;
  for (const seed of base.seeds.filter((one) => candidate.seeds.includes(one))) {
    const [one, other] = [await before.runOf(seed), await after.runOf(seed)];
    const found = one && other && diffRuns(one, other);
    if (found) return found;
  }
  return undefined;
}
