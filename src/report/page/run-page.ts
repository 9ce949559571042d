import type { Analysis } from '../../analysis/analysis.ts';
import type { Leniency } from '../../analysis/pass-rule.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { describeLoad } from '../../load/executors.ts';
import type { ChartSpec } from '../charts/chart-spec.ts';
import { clientText } from '../client-text.ts';
import { formatMetric } from '../format.ts';
import { timeText } from '../time-text.ts';
import { callColumns } from './call-columns.ts';
import { pageChart } from './page-chart.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { headlineOf, runFindings } from './page-findings.ts';
import { resolvedScenario } from './resolved-scenario.ts';
import { runStory } from './run-story.ts';
import { runTables } from './run-tables.ts';

export interface RunPageOptions {
  readonly charts: readonly ChartSpec[];
  /** What charts that would show nothing would have shown, a sentence each. */
  readonly leftOut?: readonly string[];
  /** Commands that make this report again. */
  readonly again: readonly PageCommand[];
  readonly leniency?: Leniency;
}

/** Returns the page of one run. */
export function runPage(
  run: Run,
  analysis: Analysis,
  { charts, leftOut = [], again, leniency = {} }: RunPageOptions,
): PageData {
  const { header } = run;
  const { verdicts, thresholds } = analysis;
  const findings = runFindings(verdicts, [{ seed: header.seed, thresholds }], leniency);
  const proof = new Set(findings.flatMap(({ evidence }) => evidence.flatMap(({ call }) => call ?? [])));
  return {
    kind: 'run',
    tool: header.tool,
    name: header.recorded?.file ?? (header.program ? header.scenario.client.written : header.scenario.name),
    facts: describeFacts(run),
    ...headlineOf(findings, run.stopped !== undefined),
    story: runStory(run, analysis),
    findings,
    charts: charts.map(pageChart),
    leftOut,
    tables: runTables(run, analysis),
    ...(run.calls.length > 0 && { calls: callColumns(run, proof) }),
    scenario: resolvedScenario(header.scenario),
    again,
  };
}

function describeFacts({ header, endUs }: Run): string {
  const { scenario, seed, recorded, program } = header;
  const parts = recorded
    ? [`recorded traffic, ${formatMetric(endUs)}`]
    : [
        ...(program ? [] : [clientText(header), ...scenario.load.map(describeLoad), `seed ${seed}`]),
        `${timeText(header)}, ${formatMetric(endUs)}`,
      ];
  return parts.join(' · ');
}
