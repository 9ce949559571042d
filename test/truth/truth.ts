import { fileURLToPath } from 'node:url';
import { judgeRun } from '../../src/analysis/judging/judge-run.ts';
import { readRun } from '../../src/analysis/run/read-run.ts';
import { percentile } from '../../src/analysis/statistics/percentile.ts';
import type { JournalRecord } from '../../src/journal/record.ts';
import { modelJournal } from '../../src/run/model.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { failedAndWarned } from '../known-clients/known-clients.ts';
import { runToEnd } from '../run-to-end.ts';

/** Real clients, each with a preset of the same name that models it. */
export const CLIENTS = [
  'openai-node',
  'anthropic',
  'ai-sdk',
  'p-retry',
  'axios-retry',
  'got',
  'ky',
  'undici-retry-agent',
] as const;

/**
 * Loads on a limit of 5 requests per second: below it, 1.5 ×, 10 ×, and an outage of one minute. `brief` is long enough for a
 * test, `duration` for a table.
 */
export const LOADS = {
  'under the limit': { rate: '4/s', duration: '2m', brief: '1m', faults: '[]' },
  '1.5 times': { rate: '7.5/s', duration: '2m', brief: '40s', faults: '[]' },
  '10 times': { rate: '50/s', duration: '20s', brief: '7s', faults: '[]' },
  'outage of 60 s': { rate: '3/s', duration: '3m', brief: '150s', faults: '[{ at: 30s, for: 60s }]' },
} as const;

/** The figures of one run. */
export interface Figures {
  readonly calls: number;
  readonly attempts: number;
  /** Share of successful calls. */
  readonly success: number;
  readonly p95Ms: number;
}

/** Verdicts that fail (or would with a second seed), and verdicts that warn. */
export interface Alarms {
  readonly failed: readonly string[];
  readonly warned: readonly string[];
}

export interface Truth {
  readonly client: string;
  readonly load: keyof typeof LOADS;
  readonly real: Figures;
  readonly model: Figures;
  /** The largest relative difference of the four figures. */
  readonly difference: number;
  readonly alarms: { readonly real: Alarms; readonly model: Alarms };
}

/** Runs the code of one client in virtual time, and its model, under one load. */
export async function truthOf(
  client: (typeof CLIENTS)[number],
  load: keyof typeof LOADS,
  length: 'brief' | 'duration',
): Promise<Truth> {
  const { rate, [length]: duration, faults } = LOADS[load];
  const scenario = await loadScenario(fileURLToPath(new URL('./scenario.yaml', import.meta.url)), {
    overrides: {
      'client.module': `./clients/${client}.ts`,
      'client.model': client,
      'provider.dialect': client === 'anthropic' ? 'anthropic' : 'openai',
      'load[0].rate': rate,
      'load[0].duration': duration,
      'provider.faults': faults,
    },
  });
  const journals = { real: await virtualJournal(scenario), model: modelJournal(scenario, 'truth') };
  const [real, model] = [figuresOf(journals.real), figuresOf(journals.model)];
  const alarms = { real: alarmsIn(journals.real), model: alarmsIn(journals.model) };
  const differences = (Object.keys(real) as (keyof Figures)[]).map((key) => apart(real[key], model[key]));
  return { client, load, real, model, difference: Math.max(...differences), alarms };
}

function alarmsIn(records: readonly JournalRecord[]): Alarms {
  return failedAndWarned(judgeRun(readRun(records), {}));
}

function apart(real: number, model: number): number {
  return real === model ? 0 : Math.abs(model - real) / Math.max(Math.abs(real), 1e-9);
}

async function virtualJournal(scenario: Scenario): Promise<readonly JournalRecord[]> {
  return await runToEnd(scenario);
}

function figuresOf(records: readonly JournalRecord[]): Figures {
  const calls = records.filter((record) => record.type === 'call');
  const ended = calls.filter(({ result }) => result !== 'open');
  const durations = ended.map(({ scheduledUs, endUs }) => (endUs - scheduledUs) / 1000).sort((a, b) => a - b);
  return {
    calls: calls.length,
    attempts: records.filter(({ type }) => type === 'attempt').length,
    success: calls.filter(({ result }) => result === 'ok').length / calls.length,
    p95Ms: percentile(durations, 95),
  };
}
