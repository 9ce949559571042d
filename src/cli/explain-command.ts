import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { ERROR_CODES } from '../../mock-server/error-codes.ts';
import { JUDGES } from '../analysis/judging/judge-run.ts';
import type { Judge } from '../analysis/judging/verdict.ts';
import type { MetricDefinition } from '../analysis/metrics/metric-definition.ts';
import { METRICS } from '../analysis/metrics/metrics.ts';
import { BATTERY } from '../check/battery.ts';
import type { CheckRow } from '../check/row.ts';
import { indented } from '../report/terminal/wrap.ts';
import { suggestName } from '../scenario/suggest-name.ts';
import { addHelpFooter } from './help.ts';
import { terminal } from './terminal.ts';

export function addExplainCommand(program: Command): void {
  const command = program
    .command('explain')
    .summary('explain a verdict, a row of check, a metric or an error code')
    .description('Explains a name that outputs use: a verdict, a row of check, a metric or an error code.')
    .argument('<name>', 'e.g. synchronised-herd, retry-after-date, call_failed or client/no-requests');
  command.option('--json', 'print the explanation as JSON', false);
  addHelpFooter(command, { example: 'quotalab explain synchronised-herd' }).action(
    (name: string, { json }: { readonly json: boolean }) => {
      process.stdout.write(json ? `${JSON.stringify({ name, lines: linesOf(name) }, null, 2)}\n` : explain(name));
    },
  );
}

/** Every name that can be explained, and its lines. */
function explanations(): ReadonlyMap<string, readonly string[]> {
  const metrics = Object.entries(METRICS as Readonly<Record<string, MetricDefinition>>);
  return new Map<string, readonly string[]>([
    ...Object.entries(ERROR_CODES).map(([code, about]) => [code, ['error', about]] as const),
    ...metrics.map(([name, { type, about }]) => [name, [`metric (${type})`, about]] as const),
    // A verdict and a row may have one name: the verdict tells more.
    ...BATTERY.map((row) => [row.id, rowLines(row)] as const),
    ...JUDGES.map((judge: Judge) => [judge.id, verdictLines(judge)] as const),
  ]);
}

function rowLines({ id, situation, passes }: CheckRow): string[] {
  return [
    'row of check',
    `The client is ${situation}.`,
    `A client that passes: ${passes}`,
    `Alone: quotalab check CLIENT --only ${id} --full`,
  ];
}

function verdictLines({ question, defaultSeverity, decidedBy, arrange, settings }: Judge): string[] {
  const names = Object.keys(settings);
  return [
    `verdict (${defaultSeverity} by default, decided by ${decidedBy})`,
    question,
    `To make the situation arise: ${arrange}`,
    ...(names.length > 0 ? [`Settings under verdicts: ${names.join(', ')}`] : []),
  ];
}

/** Returns the explanation of a name as text. Throws `cli/unknown-name`. */
export function explain(name: string): string {
  const [first = '', ...others] = linesOf(name);
  const lines = others.flatMap((line) => indented(line, terminal(process.stdout).width, 2));
  return `${[`${name}: ${first}`, ...lines].join('\n')}\n`;
}

function linesOf(name: string): readonly string[] {
  const all = explanations();
  const lines = all.get(name);
  if (lines !== undefined) return lines;
  throw new QuotaLabError('cli/unknown-name', `there is nothing called ${name}`, {
    problems: [
      {
        path: '',
        message: 'is no verdict, row of check, metric or error code',
        ...{
          hint: 'docs/verdicts.md, docs/check.md, docs/metrics.md and docs/errors.md list them',
          ...suggestName(name, [...all.keys()]),
        },
      },
    ],
  });
}
