import { QuotaLabError } from '../../mock-server/error.ts';
import { measure } from '../plan/measure.ts';
import type { Measured } from '../plan/measured.ts';
import { formatMetric, percent, round } from '../report/format.ts';
import { tableLines } from '../report/table-lines.ts';
import { runScenario } from '../run/run-scenario.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';

const NO_JOURNAL = {
  write: () => undefined,
  writeLines: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

/**
 * Runs the client's own code in virtual time where its model gave an answer, and prints both. Fails when a goal that the
 * model met is missed. Throws `plan/no-client`, and what the client's own run throws.
 */
export async function confirm(
  file: string,
  overrides: Readonly<Record<string, string>>,
  model: Measured,
  allowHosts: readonly string[],
): Promise<number> {
  const scenario = await loadScenario(file, { overrides: { ...overrides, time: 'virtual', seed: String(model.seed) } });
  const { records, clientError } = await runScenario(scenario, {
    tool: `quotalab ${version()}`,
    openJournal: () => NO_JOURNAL,
    allowHosts,
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

/** Refuses to confirm what only the model knows: the code of the client does not read these settings. */
export function ensureConfirmable(paths: readonly string[]): void {
  const unknown = paths.filter((path) => /^client\.(?!env\b|module\b)/.test(path));
  if (unknown.length === 0) return;
  const problems = unknown.map((path) => ({
    path,
    message: "is a setting of the model; the client's own code does not read it",
    hint: 'let the client read an environment variable, and vary client.env.NAME',
  }));
  throw new QuotaLabError('plan/not-confirmable', 'the client itself cannot be run with these settings', { problems });
}
