import { confirmModel } from '../experiment/confirm-model.ts';
import type { Measured } from '../plan/measured.ts';
import { formatMetric, percent, round } from '../report/format.ts';
import { formatObserved } from '../report/terminal/plan-lines.ts';
import { tableLines } from '../report/terminal/table-lines.ts';
import { type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { loadScenario } from '../traces/load-scenario.ts';

/**
 * Runs the client's own code in virtual time at the model's result and prints both, on stderr if stdout carries JSON. Returns
 * whether the client meets the goals that the model met. Throws what the run throws. Call `ensureConfirmable` first.
 */
export async function confirm(
  file: string,
  overrides: Overrides,
  model: Measured,
  { json }: { readonly json: boolean },
): Promise<boolean> {
  const scenario = await loadScenario(file, { overrides: replaceOverrides(overrides, { seed: String(model.seed) }) });
  const real = await confirmModel(scenario, { print: (text) => process.stderr.write(text) });
  const rows = [
    [`  seed ${model.seed}`, 'calls', 'failed', 'p(95)', 'attempts', 'refused', 'holds'],
    ['  the model', ...tableCells(model)],
    [`  ${scenario.client.written} itself`, ...tableCells(real)],
  ];
  const missed = real.missed.map((one) => `  missed: ${one.goal} (${formatObserved(one)})\n`).join('');
  const stream = json ? process.stderr : process.stdout;
  stream.write(`${tableLines(rows).join('\n')}\n\n${missed}${missed === '' ? '' : '\n'}`);
  return real.ok;
}

function tableCells({ calls, failed, p95Us, attempts, refused, ok }: Measured): string[] {
  return [String(calls), percent(failed), formatMetric(p95Us), round(attempts), percent(refused), ok ? 'yes' : 'no'];
}
