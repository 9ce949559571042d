import { confirmModel } from '../experiment/confirm-model.ts';
import type { Measured } from '../plan/measured.ts';
import { formatMetric, percent, round } from '../report/format.ts';
import { tableLines } from '../report/terminal/table-lines.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { EXIT } from './exit-code.ts';

/**
 * Runs the client's own code in virtual time at the model's result and prints both. Returns 99 if the client misses a goal
 * that the model met. Throws what the run throws. Call `ensureConfirmable` first.
 */
export async function confirm(file: string, overrides: Overrides, model: Measured): Promise<number> {
  const scenario = await loadScenario(file, { overrides: replaceOverrides(overrides, { seed: String(model.seed) }) });
  const real = await confirmModel(scenario, { print: (text) => process.stderr.write(text) });
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
