import type { Analysis } from '../../analysis/analysis.ts';
import { CALL_METRICS } from '../../analysis/metrics/call-metrics.ts';
import { isFailure, type Leniency } from '../../analysis/pass-rule.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import { describeLoad } from '../../load/executors.ts';
import { clientText } from '../client-text.ts';
import { describeLimit } from '../describe-limit.ts';
import { formatMetric, percent, round } from '../format.ts';
import { coarseText, timeText } from '../time-text.ts';
import { briefSummary } from './brief.ts';
import { failureLines } from './failure-lines.ts';
import { fleetLines } from './fleet-lines.ts';
import { gatewayLines } from './gateway-lines.ts';
import { keyLines } from './key-lines.ts';
import { loadLines } from './load-lines.ts';
import { metricLines } from './metric-lines.ts';
import { type Paint, paintFor } from './paint.ts';
import { programLines } from './program-lines.ts';
import { providerLines } from './provider-lines.ts';
import { recordedLines } from './recorded-lines.ts';
import { replyLines } from './reply-lines.ts';
import { STOPPED } from './run-result.ts';
import { thresholdLines } from './threshold-lines.ts';
import { verdictLines } from './verdict-lines.ts';
import { columnsOf, indented } from './wrap.ts';

export interface TerminalOptions extends Leniency {
  readonly color: boolean;
  /** Columns; fewer than 60 are taken as 60. */
  readonly width: number;
  /** Every verdict with its text and every metric, instead of a page. */
  readonly full: boolean;
}

/**
 * Returns the result of a run as text in the style of k6, without its last line: in at most 25 lines what happened and what is
 * wrong, or with `full` everything: verdicts, thresholds, quota, calls, attempts.
 */
export function terminalSummary(run: Run, judged: Analysis, options: TerminalOptions): string {
  const analysis = withoutGuesses(judged);
  const { color, full } = options;
  const paint = paintFor(color);
  const width = columnsOf(options.width);
  const notices = [
    unchallengedLines(analysis, paint, width),
    ...(run.stopped ? [[paint.bad(`  PARTIAL: ${STOPPED[run.stopped]}. The results cover the time until then.`)]] : []),
    coarseLines(analysis, paint, width),
    silentLines(run, analysis, paint, width),
  ];
  if (!full) {
    const hasNoRequests = isWithoutRequests(run);
    return briefSummary(run, analysis, { lines: notices.flat(), hasNoRequests, leniency: options }, paint, width);
  }
  const blocks = [
    headerLines(run, analysis, paint, width),
    ...notices,
    block('RECORDING', recordedLines(run, analysis, paint, width), paint),
    block('PROGRAM', programLines(run, analysis, paint, width), paint),
    ...(isWithoutRequests(run) ? [] : resultBlocks(run, analysis, paint, width, full)),
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** How many attempts were joined by guess is said once for the run, not with every verdict. */
function withoutGuesses(analysis: Analysis): Analysis {
  const { guesses } = analysis.attribution;
  if (guesses === null) return analysis;
  const verdicts = analysis.verdicts.map((verdict) => ({
    ...verdict,
    reason: verdict.reason.replace(` ${guesses}.`, ''),
  }));
  return { ...analysis, verdicts };
}

/** Returns whether the run is of a program that sent no request, so that nothing can be judged or counted. */
const isWithoutRequests = ({ header, attempts }: Run): boolean => header.program !== undefined && attempts.length === 0;

function resultBlocks(run: Run, analysis: Analysis, paint: Paint, width: number, full: boolean): string[][] {
  const { metrics } = analysis;
  const ofCalls = metrics.filter(({ name }) => Object.hasOwn(CALL_METRICS, name));
  const ofAttempts = metrics.filter((metric) => !ofCalls.includes(metric));
  return [
    block('VERDICTS', verdictBlock(run, analysis, paint, width, full), paint),
    block('THRESHOLDS', thresholdLines(analysis.thresholds, paint), paint),
    block('SIDE BY SIDE', loadLines(analysis.loads), paint),
    block('FLEET', fleetLines(analysis.fleet, width), paint),
    block('PROVIDERS', providerLines(analysis.providers), paint),
    block('REPLIES', replyLines(run, analysis, width), paint),
    block('QUOTA', quotaLines(analysis, paint, width), paint),
    block('KEYS', keyLines(analysis.keys), paint),
    block('GATEWAY', gatewayLines(analysis.gateway, paint, width), paint),
    block('ATTRIBUTION', attributionLines(run, analysis, paint, width), paint),
    block('FAILED CALLS', failureLines(run, paint, width), paint),
    block('CALLS', metricLines(ofCalls, width), paint),
    block('ATTEMPTS', metricLines(ofAttempts, width), paint),
  ];
}

/** Raw load has no client to judge: one line replaces all verdicts, unless the scenario requires some. */
function verdictBlock(run: Run, analysis: Analysis, paint: Paint, width: number, full: boolean): string[] {
  const { rawLoad, verdicts } = analysis;
  if (rawLoad === null || verdicts.some((verdict) => isFailure(verdict))) {
    return verdictLines(analysis, paint, width, { full, repeatHint: repeatAdvice(run) });
  }
  return indented(`none: ${rawLoad}`, width, 4, '– ').map(paint.quiet);
}

/** Returns how to rule out chance where no second seed exists: another day of a recording, or another run of a program. */
function repeatAdvice({ header }: Run): string | undefined {
  if (header.recorded) return 'for example a recording of another day';
  return header.program ? 'run it again' : undefined;
}

function block(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : [`  ${paint.strong(title)}`, ...lines];
}

function headerLines(run: Run, { clockStart }: Analysis, paint: Paint, width: number): string[] {
  const { scenario, seed } = run.header;
  const facts = [
    ['client', clientText(run.header)],
    ...scenario.load.map((executor) => ['load', describeLoad(executor)]),
    ...(scenario.gateway ? [['gateway', scenario.gateway.command.join(' ')]] : []),
    ...allLimits({ scenario }).map((limit) => ['limit', describeLimit(limit)]),
    ...(clockStart === null ? [] : [['clock', `began at ${clockStart}; the dates that were sent follow it`]]),
  ] as [string, string][];
  const { recorded, program } = run.header;
  const inTime = timeText(run.header);
  const how = recorded ? 'recorded traffic' : program ? inTime : `seed ${seed}, ${inTime}`;
  const name = recorded?.file ?? (program ? 'exec' : scenario.name);
  return [
    `  ${paint.strong(name)}  ${paint.quiet(`${how}, ${formatMetric(run.endUs)}`)}`,
    ...(scenario.about === undefined ? [] : indented(scenario.about, width, 2)),
    ...facts.flatMap(([label, text]) => indented(text, width, 4, label.padEnd(8))),
  ];
}

function coarseLines(analysis: Analysis, paint: Paint, width: number): string[] {
  const text = coarseText(analysis);
  return text === undefined ? [] : indented(`COARSE: ${text}`, width, 2).map((line) => paint.doubt(line));
}

/** Says first that nothing was tested; in red if a verdict that the scenario requires had nothing to judge. */
function unchallengedLines({ unchallenged, verdicts }: Analysis, paint: Paint, width: number): string[] {
  if (unchallenged === null) return [];
  const colour = verdicts.some((verdict) => isFailure(verdict)) ? paint.bad : paint.doubt;
  return indented(unchallenged, width, 2).map((line) => colour(line));
}

/** Warns if calls succeeded without a request: the client used another server, and the results would look like success. */
function silentLines(run: Run, { rawLoad }: Analysis, paint: Paint, width: number): string[] {
  const { header, attempts, calls } = run;
  const ok = calls.filter(({ result }) => result === 'ok').length;
  if (header.recorded || header.program || attempts.length > 0 || ok === 0 || rawLoad !== null) return [];
  const which = ok === 1 ? 'the successful call' : `${ok} successful calls`;
  const text =
    `NO REQUEST of ${which} reached the mock server, so nothing was tested. Does the client set its own base URL ` +
    'instead of reading the environment (OPENAI_BASE_URL)? Does it reply from a cache or from its own mock?';
  return indented(text, width, 2).map((line) => paint.bad(line));
}

function quotaLines({ limits, overload }: Analysis, paint: Paint, width: number): string[] {
  const uses = limits.flatMap(({ limit, unit, denied, admitted, admissible, buckets }) => {
    const used = admissible ? `, ${percent(admitted / admissible)} of what it could admit` : '';
    const where = buckets > 1 ? ` over ${buckets} buckets` : '';
    const refused = `refused ${denied} ${denied === 1 ? 'attempt' : 'attempts'}`;
    const text = `${limit}: ${refused}; ${round(admitted)} ${unit} admitted${used}${where}`;
    return indented(text, width, 4).map((line) => (denied > 0 ? line.replace(refused, paint.doubt(refused)) : line));
  });
  return overload ? [...uses, ...indented(overload.text, width, 4)] : uses;
}

/** Returns the uncertain joins of attempts to calls. The blocks of recordings and programs show their own. */
function attributionLines(run: Run, { attribution, unattributed }: Analysis, paint: Paint, width: number): string[] {
  if (run.header.recorded || run.header.program) return [];
  const n = run.attempts.length;
  const lost = unattributed === 0 ? null : `${unattributed} of ${n} attempts could not be joined to a call`;
  const lines = [attribution.guesses, lost].flatMap((text) =>
    text === null ? [] : indented(text, width, 4).map(paint.doubt),
  );
  return lines.length === 0
    ? []
    : [...lines, ...indented('See docs/attribution.md for exact attribution', width, 6, '→ ')];
}
