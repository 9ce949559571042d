import type { Analysis } from '../../analysis/analysis.ts';
import type { Leniency } from '../../analysis/pass-rule.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import { describeLoad } from '../../load/executors.ts';
import { clientText } from '../client-text.ts';
import { describeLimit } from '../describe-limit.ts';
import { formatMetric } from '../format.ts';
import { timeText } from '../time-text.ts';
import { figureLines } from './brief-figures.ts';
import { briefVerdictLines } from './brief-verdicts.ts';
import { briefFleetLines } from './fleet-lines.ts';
import { gatewayLines } from './gateway-lines.ts';
import { briefLoadLines } from './load-lines.ts';
import type { Paint } from './paint.ts';
import { programLines } from './program-lines.ts';
import { providerLines } from './provider-lines.ts';
import { briefRecordedLines, joinedText } from './recorded-lines.ts';
import { replyLines } from './reply-lines.ts';
import { indented } from './wrap.ts';

/** Lines of a summary in all, without those of what was written and of the result. */
const MOST_LINES = 25;

/** Loads and limits that are shown; the rest is counted. */
const SHOWN = 2;

/** Lines that a part may have, so that no part pushes out the verdicts. */
const MOST_OF_A_PART = 5;

/** What the short and the long summary have in common. */
export interface Notices {
  /** That nothing was tested, that the run is partial, that its times are coarse, that no request arrived. */
  readonly lines: readonly string[];
  readonly hasNoRequests: boolean;
  readonly leniency: Leniency;
}

/**
 * Returns the result of a run in at most 25 lines: what ran, what happened, what is wrong. Nothing that is zero, passed or does
 * not apply is spelled out.
 */
export function briefSummary(run: Run, analysis: Analysis, notices: Notices, paint: Paint, width: number): string {
  const head = [headLines(run, analysis, paint, width), briefRecordedLines(run, width), notices.lines].filter(
    (lines) => lines.length > 0,
  );
  if (notices.hasNoRequests) return join([...head, programLines(run, analysis, paint, width)]);
  const figures = [
    ...figureLines(run, analysis, width),
    ...capped(replyLines(run, analysis, width).map((line) => line.replace(/^ {4}/, '    reply     '))),
    ...capped(briefLoadLines(analysis.loads)),
    ...capped(briefFleetLines(analysis.fleet, width)),
    ...capped(providerLines(analysis.providers)),
    ...capped(gatewayLines(analysis.gateway, paint, width)),
    ...certaintyLines(run, analysis, paint, width),
  ];
  const above = [...head, figures];
  const used = above.reduce((sum, lines) => sum + lines.length + 1, 1);
  return join([...above, verdicts(analysis, notices.leniency, paint, width, MOST_LINES - used)]);
}

function join(blocks: readonly (readonly string[])[]): string {
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines(run: Run, { rawLoad, clockStart }: Analysis, paint: Paint, width: number): string[] {
  const { scenario, seed, recorded, program } = run.header;
  const inTime = timeText(run.header);
  const how = recorded ? 'recorded traffic' : program ? inTime : `seed ${seed}, ${inTime}`;
  const name = recorded?.file ?? (program ? 'exec' : scenario.name);
  const client = clientText(run.header);
  const loads = scenario.load.map((executor) => describeLoad(executor));
  const who = rawLoad === null ? [client, ...few(loads, 'loads')].join(', ') : few(loads, 'loads').join(', ');
  return [
    `  ${paint.strong(name)}  ${paint.quiet(`${how}, ${formatMetric(run.endUs)}`)}`,
    ...indented(who, width, 4).slice(0, 2),
    ...few(allLimits({ scenario }).map(describeLimit), 'limits').flatMap((text) => indented(text, width, 4)),
    ...(clockStart === null
      ? []
      : indented(`clock   began at ${clockStart}; the dates that were sent follow it`, width, 4)),
  ];
}

function few(texts: readonly string[], noun: string): string[] {
  const more = texts.length - SHOWN;
  return more > 1 ? [...texts.slice(0, SHOWN), `and ${more} more ${noun}`] : [...texts];
}

/** How attempts were joined to calls, for runs without tags and where a join was guessed. */
function certaintyLines(run: Run, analysis: Analysis, paint: Paint, width: number): string[] {
  const { attribution, unattributed } = analysis;
  const { recorded, program } = run.header;
  const isCertain = !recorded && !program && attribution.confidence.guess + unattributed === 0;
  if (run.attempts.length === 0 || isCertain) return [];
  return indented(joinedText(run, analysis).replace(/^joined /, ''), width, 4, 'joined    ')
    .slice(0, 3)
    .map(paint.doubt);
}

function verdicts(analysis: Analysis, leniency: Leniency, paint: Paint, width: number, most: number): string[] {
  const { rawLoad } = analysis;
  const isRequired = analysis.verdicts.some(({ severitySource }) => severitySource === 'scenario');
  const judged = rawLoad === null || isRequired ? analysis : { ...analysis, verdicts: [] };
  return briefVerdictLines(judged, leniency, paint, width, Math.max(most, 6));
}

function capped(lines: readonly string[]): string[] {
  if (lines.length <= MOST_OF_A_PART) return [...lines];
  return [...lines.slice(0, MOST_OF_A_PART - 1), '    … (--full shows all)'];
}
