import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { measure } from '../plan/measure.ts';
import type { Measured } from '../plan/measured.ts';
import { formatMetric, percent, round } from '../report/format.ts';
import { tableLines } from '../report/terminal/table-lines.ts';
import { runVirtual } from '../run/virtual.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { NO_JOURNAL } from './run-once.ts';

/**
 * Runs the client's own code in virtual time where its model gave an answer, and prints both. Fails when a goal that the
 * model met is missed. Throws what the client's own run throws; `ensureConfirmable` comes first.
 */
export async function confirm(
  file: string,
  overrides: Readonly<Record<string, string>>,
  model: Measured,
): Promise<number> {
  const scenario = await loadScenario(file, { overrides: { ...overrides, seed: String(model.seed) } });
  const { records, clientError } = await runVirtual(scenario, {
    tool: `quotalab ${version()}`,
    openJournal: () => NO_JOURNAL,
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => process.stderr.write(text),
  });
  if (clientError) throw clientError;
  const real = measure(records);
  const rows = [
    [`  seed ${model.seed}`, 'calls', 'failed', 'p(95)', 'attempts', 'refused', 'holds'],
    ['  the model', ...cellsOf(model)],
    [`  ${scenario.client.written} itself`, ...cellsOf(real)],
  ];
  process.stdout.write(`${tableLines(rows).join('\n')}\n\n`);
  for (const { goal, observed } of real.missed) process.stdout.write(`  missed: ${goal} (${observed})\n`);
  return real.ok ? EXIT.passed : EXIT.failed;
}

function cellsOf({ calls, failed, p95Us, attempts, refused, ok }: Measured): string[] {
  return [String(calls), percent(failed), formatMetric(p95Us), round(attempts), percent(refused), ok ? 'yes' : 'no'];
}

/**
 * Refuses to confirm, before anything is run, where there is no code, or what only the model knows: the code of the client
 * does not read these settings. Throws `plan/not-confirmable`.
 */
export function ensureConfirmable({ client }: Scenario, paths: readonly string[]): void {
  const problems: Problem[] = paths
    .filter((path) => /^client\.(?!env\b|module\b)/.test(path))
    .map((path) => ({
      path,
      message: "is a setting of the model; the client's own code does not read it",
      hint: 'let the client read an environment variable, and vary client.env.NAME',
    }));
  if (client.code.kind === 'none')
    problems.push({ path: 'client.module', message: 'is missing: there is no code to be run' });
  if (problems.length === 0) return;
  throw new QuotaLabError('plan/not-confirmable', 'the client itself cannot be run at the answer', { problems });
}
