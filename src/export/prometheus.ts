import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { METRICS, type Metric } from '../analysis/metrics/metrics.ts';
import type { Run } from '../analysis/run/run-view.ts';

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
const COUNTS = [0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 50, 100];

/** What a finished run is known by. */
type RunLabels = Readonly<Record<'scenario' | 'seed' | 'time', string>>;

/**
 * Returns the metrics, thresholds and verdicts of a run in Prometheus' text format, for a Pushgateway or the textfile collector of
 * the node exporter. Durations are in seconds, shares from 0 to 1; every series has the labels `scenario`, `seed` and `time`.
 */
export async function prometheusText(run: Run, analysis: Analysis): Promise<string> {
  const registry = new Registry();
  const { scenario, seed, time } = run.header;
  const labels: RunLabels = { scenario: createRedactor().text(scenario.name), seed: String(seed), time };
  registry.setDefaultLabels(labels);
  addRun(registry, run);
  for (const metric of analysis.metrics) addMetric(registry, metric);
  addResults(registry, analysis);
  return registry.metrics();
}

function addRun(registry: Registry, { endUs, stopped }: Run): void {
  const gauge = createGauge(registry);
  gauge('run_duration_seconds', 'How long the run took, in its own time.').set(endUs / 1e6);
  gauge('run_complete', '1 if the run was not stopped early.').set(stopped === undefined ? 1 : 0);
}

function createGauge(registry: Registry): (name: string, help: string, labelNames?: string[]) => Gauge {
  return (name, help, labelNames = []) =>
    new Gauge({ name: `quotalab_${name}`, help, labelNames, registers: [registry] });
}

function addMetric(registry: Registry, metric: Metric): void {
  const { name } = metric;
  const help = `${METRICS[name].about}.`;
  const registers = [registry];
  switch (metric.type) {
    case 'trend': {
      const inSeconds = metric.unit === 'us';
      const histogram = new Histogram({
        name: `quotalab_${name}${inSeconds ? '_seconds' : ''}`,
        help,
        buckets: inSeconds ? SECONDS : COUNTS,
        registers,
      });
      for (const sample of metric.sorted) histogram.observe(inSeconds ? sample / 1e6 : sample);
      return;
    }
    case 'rate':
      if (metric.samples > 0) createGauge(registry)(`${name}_ratio`, help).set(metric.hits / metric.samples);
      return;
    case 'counter':
      new Counter({ name: `quotalab_${name}_total`, help, registers }).inc(metric.count);
      return;
    case 'gauge':
      if (metric.value !== null)
        createGauge(registry)(`${name}${metric.unit === 'per-second' ? '_per_second' : '_ratio'}`, help).set(
          metric.value,
        );
  }
}

function addResults(registry: Registry, { thresholds, verdicts }: Analysis): void {
  const gauge = createGauge(registry);
  const verdict = gauge('verdict', '1 for the result that a verdict has.', ['verdict', 'severity', 'result']);
  for (const { id, severity, status } of verdicts) verdict.set({ verdict: id, severity, result: status }, 1);
  const threshold = gauge('threshold_passed', '1 for a threshold that holds.', ['metric', 'threshold']);
  for (const { metric, expression, ok } of thresholds) threshold.set({ metric, threshold: expression }, ok ? 1 : 0);
}
