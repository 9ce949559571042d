import { formatDuration } from '../../mock-server/duration.ts';
import { defineExecutor, formatVus } from './executor.ts';
import type { OpenPlan } from './plan.ts';
import { type TracePlay, traceArrivals, traceRates, windowLengthUs } from './trace-schedule.ts';
import type { TraceTable } from './trace-table.ts';

/** Columns of a trace file by what they hold, where its names are not known. */
export type TraceColumns = Readonly<Record<string, string>>;

/** The settings of a trace. What is read from its file is absent until then. */
export interface TraceSettings extends TracePlay {
  /** The file as the scenario writes it. */
  readonly file: string;
  /** Its absolute path; never part of a journal. */
  readonly path?: string;
  readonly columns: TraceColumns;
  readonly maxVus: number;
  /** How many arrivals the window has, how long it is in the time of the trace, and the hash of the arrivals. */
  readonly rows?: number;
  readonly lengthUs?: number;
  readonly hash?: string;
  /** The arrivals; never part of a journal. */
  readonly table?: TraceTable;
}

/** Iterations start when those of a recorded trace did, with the same models and tokens. */
export const trace = defineExecutor({
  name: 'trace',
  about: 'Iterations that start when recorded ones did, from a file of arrivals.',
  fields: ({ traceFile, traceColumns, traceModels, traceSpan, scale, speed, loop, arrivals }) => ({
    file: traceFile,
    columns: traceColumns,
    models: traceModels,
    from: traceSpan('Start of the window that is played, counted from the first arrival.').prefault('0s'),
    to: traceSpan('End of the window, counted from the first arrival; the end of the trace when omitted.').optional(),
    speed,
    scale,
    loop,
    maxVUs: arrivals.maxVUs,
  }),
  resolve: (raw): TraceSettings => ({
    file: raw.file,
    columns: raw.columns,
    models: raw.models,
    fromUs: raw.from,
    ...(raw.to !== undefined && { untilUs: raw.to }),
    speed: raw.speed,
    scale: raw.scale,
    loop: raw.loop,
    maxVus: raw.maxVUs,
  }),
  recorded: ({ text, texts, time, count, vus, factor, notRecorded }) => ({
    file: text,
    columns: texts,
    models: texts,
    fromUs: time,
    untilUs: time.optional(),
    speed: factor,
    scale: factor,
    loop: count,
    maxVus: vus,
    rows: count.optional(),
    lengthUs: time.optional(),
    hash: text.optional(),
    path: notRecorded,
    table: notRecorded,
  }),
  plan(load): OpenPlan {
    const { table, startUs, gracefulStopUs, maxVus } = load;
    const endUs = startUs + playedUs(load);
    return {
      kind: 'open',
      segments: table ? traceRates(table, load) : [],
      spread: 'uniform',
      arrivals: (random) => (table ? traceArrivals(table, load, startUs, random) : []),
      endUs,
      hardEndUs: endUs + gracefulStopUs,
      maxVus,
    };
  },
  describe: (load) => describeTrace(load),
  parameter: 'scale',
});

/** How long the trace is played, in microseconds of the run. */
export function playedUs(load: Pick<TraceSettings, 'table' | 'lengthUs' | 'speed' | 'loop'> & TracePlay): number {
  const lengthUs = load.lengthUs ?? (load.table ? windowLengthUs(load.table, load) : 0);
  return Math.ceil((lengthUs * load.loop) / load.speed);
}

/** Returns the settings as a journal keeps them: without the path of this machine, and without the arrivals. */
export function recordedTrace<Load extends TraceSettings>({ path: _, table: __, ...kept }: Load): Load {
  return kept as Load;
}

function describeTrace(load: TraceSettings): string {
  const { file, rows, speed, scale, loop, maxVus } = load;
  const calls = rows === undefined ? '' : `${Math.round(rows * scale * loop).toLocaleString('en-US')} calls `;
  const length = rows === undefined ? '' : ` in ${formatDuration(Math.round(playedUs(load) / 1e6) * 1e6)}`;
  const changes = [
    speed === 1 ? '' : `${speed} × as fast`,
    scale === 1 ? '' : `${scale} × the calls`,
    loop === 1 ? '' : `${loop} times`,
  ].filter((text) => text !== '');
  const played = changes.length === 0 ? '' : ` (${changes.join(', ')})`;
  return `${calls}of ${file}${length}${played}, up to ${formatVus(maxVus)}`;
}
