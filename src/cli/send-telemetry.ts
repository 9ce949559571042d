import type { Run } from '../analysis/run/run-view.ts';
import { printError } from './print-error.ts';

/**
 * Sends a run to an OpenTelemetry collector if the environment names one. What goes wrong is printed, and changes nothing about the
 * result of the run.
 */
export async function sendTelemetry(run: Run, { quiet }: { readonly quiet: boolean }): Promise<void> {
  try {
    // Loaded on demand: without a collector, nothing of it is needed.
    const { sendRun, telemetryEndpoint } = await import('../telemetry/send-run.ts');
    const endpoint = telemetryEndpoint(process.env);
    if (endpoint === undefined || run.attempts.length === 0) return;
    const spans = await sendRun(run, Date.now() * 1000);
    if (!quiet) process.stderr.write(`quotalab: sent ${spans.toLocaleString('en-US')} spans to ${endpoint}\n`);
  } catch (error) {
    printError(error);
  }
}
