import type { Command } from 'commander';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { readAllowances } from '../comparison/allowance.ts';
import { type Comparison, compare } from '../comparison/compare.ts';
import { type FirstDifference, firstDifference } from '../comparison/first-difference.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { type ComparisonTold, comparisonSummary } from '../report/terminal/comparison-lines.ts';
import { addCiOptions, type CiFlags, type CiOutputs, ciOutputs } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { collect } from './flags.ts';
import { readAll } from './read-all.ts';
import { type Result, readResult } from './read-result.ts';

export interface AllowanceFlags {
  readonly allow: readonly string[];
  readonly allowance: string;
}

interface CompareFlags extends AllowanceFlags, CiFlags {
  readonly force: boolean;
}

/** The options by which a comparison is told what is allowed. */
export function addAllowances(command: Command): Command {
  return command
    .option(
      '--allow <figure=change>',
      "how far one figure may get worse, e.g. 'call_duration p(95)=+5%'; again for more",
      collect,
      [],
    )
    .option('--allowance <percent>', 'how far every other figure may get worse', '5%');
}

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .summary('compare two results of one scenario: what changed, and is it real?')
    .description('Compares a candidate with a base: every figure, whether its change is real, verdicts and thresholds.')
    .argument('<base>', 'a journal.jsonl, summary.json, seeds.json or baseline, or a folder of them')
    .argument('<candidate>', 'the same of the client that changed');
  addCiOptions(addAllowances(command))
    .option('--force', 'compare runs that were made under other conditions', false)
    .option('--json', 'print the comparison as JSON', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 no regression, 99 something got worse by more than was allowed, 2 bad input.',
    )
    .action(async (base: string, candidate: string, flags: CompareFlags) => {
      const ci = ciOutputs(flags);
      try {
        process.exitCode = await run(base, candidate, flags, ci);
      } catch (error) {
        await ci.tellFault('compare', error);
        throw error;
      }
    });
}

async function run(base: string, candidate: string, flags: CompareFlags, ci: CiOutputs): Promise<number> {
  const { force, json } = flags;
  const [allowances, before, after] = await readAll(
    () => readAllowances(flags.allowance, flags.allow),
    () => readResult(base),
    () => readResult(candidate),
  );
  const comparison = compare(before.measurement, after.measurement, { allowances, force });
  const first = await partingOf(comparison, before, after);
  const told = { base, candidate, ...(first && { first }) };
  if (json) process.stdout.write(`${JSON.stringify(comparisonJson(comparison, told), null, 2)}\n`);
  else printComparison(comparison, told, process.stdout);
  await ci.tellComparison(comparison, { base, candidate });
  return comparison.regressions.length > 0 ? EXIT.failed : EXIT.passed;
}

/** In words, in the width and the colours of where they go. */
export function printComparison(comparison: Comparison, told: ComparisonTold, stream: NodeJS.WriteStream): void {
  const color = stream.isTTY && !process.env.NO_COLOR;
  stream.write(comparisonSummary(comparison, told, { color, width: stream.columns ?? 100 }));
}

/** Where the runs of the first seed that both have, and that differs, part; only where clocks jump is that a finding. */
export async function partingOf(
  { time, base, candidate }: Comparison,
  before: Pick<Result, 'runOf'>,
  after: Pick<Result, 'runOf'>,
): Promise<FirstDifference | undefined> {
  if (!isRepeatable(time)) return undefined;
  for (const seed of base.seeds.filter((one) => candidate.seeds.includes(one))) {
    const [one, other] = [await before.runOf(seed), await after.runOf(seed)];
    const found = one && other && firstDifference(one, other);
    if (found) return found;
  }
  return undefined;
}
