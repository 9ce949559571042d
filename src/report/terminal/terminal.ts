import type { Analysis } from '../../analysis/analysis.ts';
import { guessText } from '../../analysis/run/joined-by.ts';
import { rawLoadReason } from '../../analysis/run/raw-load.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { describeLoad } from '../../load/describe.ts';
import { describeLimit } from '../describe-limit.ts';
import { formatMetric, percent, round } from '../format.ts';
import { coarseText, timeText } from '../time-text.ts';
import { answerLines } from './answer-lines.ts';
import { failureLines } from './failure-lines.ts';
import { gatewayLines } from './gateway-lines.ts';
import { keyLines } from './key-lines.ts';
import { loadLines } from './load-lines.ts';
import { metricLines } from './metric-lines.ts';
import { type Paint, paintFor } from './paint.ts';
import { programLines } from './program-lines.ts';
import { recordedLines } from './recorded-lines.ts';
import { thresholdLines } from './threshold-lines.ts';
import { verdictLines } from './verdict-lines.ts';
import { indented } from './wrap.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns; 80 at the least. */
  readonly width: number;
}

const CALLS = [
  'calls',
  'goodput',
  'call_duration',
  'call_failed',
  'calls_unfinished',
  'dropped_iterations',
  'start_lateness',
];

/** The result of a run on one screen, in k6's manner: verdicts, thresholds, quota, calls, attempts. */
export function terminalSummary(run: Run, analysis: Analysis, options: TerminalOptions): string {
  const paint = paintFor(options.color);
  const width = Math.max(80, options.width);
  const blocks = [
    headerLines(run, paint, width),
    ...(run.stopped
      ? [[paint.bad(`  PARTIAL: ${STOPPED[run.stopped]}; what follows is what was seen until then.`)]]
      : []),
    coarseLines(run, paint, width),
    silentLines(run, paint, width),
    block('RECORDING', recordedLines(run, analysis, paint, width), paint),
    block('PROGRAM', programLines(run, analysis, paint, width), paint),
    ...(hasNothing(run) ? [] : resultBlocks(run, analysis, paint, width)),
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A program that made no request: there is nothing to judge or to count. */
const hasNothing = ({ header, attempts }: Run): boolean => header.program !== undefined && attempts.length === 0;

function resultBlocks(run: Run, analysis: Analysis, paint: Paint, width: number): string[][] {
  const { metrics } = analysis;
  const ofCalls = metrics.filter(({ name }) => CALLS.includes(name));
  const ofAttempts = metrics.filter(({ name }) => !CALLS.includes(name));
  return [
    block('VERDICTS', judgedLines(run, analysis, paint, width), paint),
    block('THRESHOLDS', thresholdLines(analysis.thresholds, paint), paint),
    block('SIDE BY SIDE', loadLines(analysis.loads), paint),
    block('ANSWERS', answerLines(run, width), paint),
    block('QUOTA', quotaLines(analysis, paint, width), paint),
    block('KEYS', keyLines(analysis.keys), paint),
    block('GATEWAY', gatewayLines(analysis.gateway, paint, width), paint),
    block('ATTRIBUTION', attributionLines(run, analysis, paint, width), paint),
    block('FAILED CALLS', failureLines(run, paint, width), paint),
    block('CALLS', metricLines(ofCalls), paint),
    block('ATTEMPTS', metricLines(ofAttempts), paint),
  ];
}

/** Raw load is nobody's client: there is one thing to say of all verdicts. */
function judgedLines(run: Run, analysis: Analysis, paint: Paint, width: number): string[] {
  const reason = rawLoadReason(run);
  if (reason === undefined) return verdictLines(analysis, paint, width, ...againOf(run));
  return indented(`none: ${reason}`, width, 4, '– ').map(paint.quiet);
}

/** Chance is ruled out by another seed, in recorded traffic by another day, of a program by another run. */
function againOf({ header }: Run): [string?] {
  if (header.recorded) return ['a recording of another day, say'];
  return header.program ? ['run it again'] : [];
}

const STOPPED: Readonly<Record<NonNullable<Run['stopped']>, string>> = {
  interrupted: 'the run was interrupted',
  threshold: 'a threshold with abortOnFail failed',
  'client-exited': 'the client went away',
  'gateway-exited': 'the gateway went away',
  'cut-off': 'the journal has no end',
};

function block(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : [`  ${paint.strong(title)}`, ...lines];
}

function headerLines(run: Run, paint: Paint, width: number): string[] {
  const { scenario, seed, time } = run.header;
  const facts = [
    ['client', time === 'model' ? `a model of ${scenario.client.model.name}` : scenario.client.written],
    ...scenario.load.map((executor) => ['load', describeLoad(executor)]),
    ...(scenario.gateway ? [['gateway', scenario.gateway.command.join(' ')]] : []),
    ...scenario.provider.limits.map((limit) => ['limit', describeLimit(limit)]),
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

function coarseLines(run: Run, paint: Paint, width: number): string[] {
  const text = coarseText(run);
  return text === undefined ? [] : indented(`COARSE: ${text}`, width, 2).map((line) => paint.doubt(line));
}

/** Calls that ended well and sent nothing: the client went elsewhere, and all that follows would look like a success. */
function silentLines(run: Run, paint: Paint, width: number): string[] {
  const { header, attempts, calls } = run;
  const ok = calls.filter(({ result }) => result === 'ok').length;
  if (header.recorded || header.program || attempts.length > 0 || ok === 0 || rawLoadReason(run)) return [];
  const which = ok === 1 ? 'the one call that ended well' : `${ok} calls that ended well`;
  const text =
    `NO REQUEST of ${which} reached the mock, so nothing was tested: is the client built with a base URL of its own, ` +
    'and not from the environment (OPENAI_BASE_URL and the like)? Does it answer from a cache, or a mock of its own?';
  return indented(text, width, 2).map((line) => paint.bad(line));
}

function quotaLines({ limits }: Analysis, paint: Paint, width: number): string[] {
  const lines = limits.flatMap(({ limit, unit, denied, admitted, admissible, buckets }) => {
    const used = admissible ? `, ${percent(admitted / admissible)} of what it could admit` : '';
    const where = buckets > 1 ? ` over ${buckets} buckets` : '';
    const refused = `refused ${denied} ${denied === 1 ? 'attempt' : 'attempts'}`;
    const text = `${limit}: ${refused}; ${round(admitted)} ${unit} admitted${used}${where}`;
    return indented(text, width, 4).map((line) => (denied > 0 ? line.replace(refused, paint.doubt(refused)) : line));
  });
  return lines;
}

/** What is not certain of which attempt belongs to which call; of a recording or a program, that stands where it is told of. */
function attributionLines(run: Run, { unattributed }: Analysis, paint: Paint, width: number): string[] {
  if (run.header.recorded || run.header.program) return [];
  const guess = guessText(run);
  const n = run.attempts.length;
  const lost = unattributed === 0 ? undefined : `${unattributed} of ${n} attempts could not be joined to a call`;
  const lines = [guess, lost].flatMap((text) => (text === undefined ? [] : indented(text, width, 4).map(paint.doubt)));
  return lines.length === 0
    ? []
    : [...lines, ...indented('docs/attribution.md says what makes it exact', width, 6, '→ ')];
}
