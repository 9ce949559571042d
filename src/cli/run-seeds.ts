import { relative } from 'node:path';
import { hasPassed } from '../analysis/pass-rule.ts';
import { computeSeedSpread } from '../analysis/spread.ts';
import { resultOf } from '../experiment/compare-results.ts';
import { isComplete, runEachSeed } from '../experiment/run-each-seed.ts';
import { writeFiles } from '../files/write-files.ts';
import { type JournalPlace, journalIn } from '../journal/journal-place.ts';
import { seedsChart } from '../report/charts/seeds-chart.ts';
import { drawCharts } from '../report/draw.ts';
import { seedsPage } from '../report/page/seeds-page.ts';
import { seedsJson } from '../report/seeds-json.ts';
import { pathToOpen } from '../report/terminal/result-line.ts';
import { spreadResult, spreadSummary } from '../report/terminal/spread-lines.ts';
import { writePage } from '../report/write-page.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type AttendFlags, attendRuns } from './attend-runs.ts';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { printResult } from './print-result.ts';
import { INTERRUPTED, type ReportedRun, resolveExitCode } from './reported-run.ts';
import { sendTelemetry } from './send-telemetry.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

interface SeedsFlags extends AttendFlags {
  readonly json: boolean;
  readonly charts: boolean;
  readonly html: boolean;
  readonly allowInconclusive: boolean;
}

/** Runs a scenario with `count` seeds, keeps each journal, and prints the spread of the results. */
export async function reportSeeds(
  scenario: Scenario,
  count: number,
  folder: string,
  flags: SeedsFlags,
): Promise<ReportedRun> {
  const { allowInconclusive, charts, html, json, quiet } = flags;
  const journal = (seed: number): JournalPlace => journalIn(folder, `seed-${seed}`);
  const finished = await attendRuns(flags, (settings) =>
    runEachSeed(scenario, count, { ...settings, allowInconclusive, journal }),
  );
  const last = finished?.runs.at(-1);
  if (!finished || !last) return INTERRUPTED;
  if (!isComplete(last)) {
    if (last.failure) printError(last.failure);
    const exitCode = resolveExitCode(last, EXIT.passed);
    return last.failure ? { exitCode, error: last.failure } : INTERRUPTED;
  }
  const { runs, verdicts, passed } = finished;
  for (const { run } of runs) await sendTelemetry(run, flags);
  const seeds = runs.map(({ seed, analysis }) => ({ seed, ok: hasPassed(analysis, flags), analysis }));
  const result = resultOf(runs);
  const spread = computeSeedSpread(seeds);
  const text = `${JSON.stringify(seedsJson(scenario.name, finished, seeds, spread, result.measurement), null, 2)}\n`;
  const { stdout } = process;
  stdout.write(
    json ? text : spreadSummary(scenario.name, seeds, spread, verdicts, { ...terminal(stdout), full: flags.full }),
  );
  let open = pathToOpen([`${relative('.', folder)}/`]);
  try {
    // After the summary is shown: the disk may be full.
    const specs = (charts || html) && runs.length > 1 ? [seedsChart(runs.map(({ run }) => run))] : [];
    const drawings = charts ? await drawCharts(specs) : [];
    writeFiles(folder, [['seeds.json', text], ...drawings.map(({ file, png }) => [file, png] as const)]);
    const { header } = runs[0]!.run;
    const again = [typedCommand('The same again')];
    const data = { header, seeds, spread, verdicts, charts: specs, leniency: { allowInconclusive }, again };
    const page = html ? await writePage(folder, seedsPage(data)) : undefined;
    if (page !== undefined) open = relative('.', page);
  } catch (error) {
    printResult(spreadResult(seeds, verdicts, flags), { json, quiet, open });
    throw error;
  }
  return {
    exitCode: passed ? EXIT.passed : EXIT.failed,
    result,
    last: { result: spreadResult(seeds, verdicts, flags), open },
    judged: {
      header: runs[0]!.run.header,
      endUs: Math.max(...runs.map(({ run }) => run.endUs)),
      verdicts,
      seeds: runs.map(({ seed, analysis }) => ({ seed, thresholds: analysis.thresholds })),
    },
  };
}
