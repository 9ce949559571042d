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
 * Runs the client's own code in virtual time at the model's result and prints both. Returns 99 if the client misses a goal
 * that the model met. Throws what the run throws. Call `ensureConfirmable` first.
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
    ['  the model', ...tableCells(model)],
    [`  ${scenario.client.written} itself`, ...tableCells(real)],
  ];
  process.stdout.write(`${tableLines(rows).join('\n')}\n\n`);
  for (const { goal, observed } of real.missed) process.stdout.write(`  missed: ${goal} (${observed})\n`);
  return real.ok ? EXIT.passed : EXIT.failed;
}

function tableCells({ calls, failed, p95Us, attempts, refused, ok }: Measured): string[] {
  return [String(calls), percent(failed), formatMetric(p95Us), round(attempts), percent(refused), ok ? 'yes' : 'no'];
}

/** Throws `plan/not-confirmable` without client code, or for settings that only the model reads. */
export function ensureConfirmable({ client }: Scenario, paths: readonly string[]): void {
  const problems: Problem[] = paths
    .filter((path) => /^client\.(?!env\b|module\b)/.test(path))
    .map((path) => ({
      path,
      message: "is read only by the model, not by the client's own code",
      hint: 'read an environment variable in the client and vary client.env.NAME',
    }));
  if (client.code.kind === 'none')
    problems.push({ path: 'client.module', message: 'is missing: there is no client code to run' });
  if (problems.length === 0) return;
  throw new QuotaLabError('plan/not-confirmable', 'the result cannot be confirmed with the client', { problems });
}
