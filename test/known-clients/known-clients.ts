import { fileURLToPath } from 'node:url';
import { judgeRun } from '../../src/analysis/judging/judge-run.ts';
import type { Verdict } from '../../src/analysis/judging/verdict.ts';
import { readRun } from '../../src/analysis/run/read-run.ts';
import type { Run } from '../../src/analysis/run/run-view.ts';
import type { ClientModel } from '../../src/retry/client-model.ts';
import { BARE, createModel } from '../../src/retry/preset.ts';
import { modelJournal } from '../../src/run/model.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

const S = 1_000_000;
const HONOURS = { reads: 'milliseconds', as: 'floor', jittered: true } as const;
/** Adds up to 4 s to the requested wait or the backoff. */
const PLUS_JITTER = { kind: 'plus', mostUs: 4 * S } as const;

/** Retry policies, deliberately good and bad. The name describes the policy completely. */
export const KNOWN_CLIENTS: Readonly<Record<string, ClientModel>> = {
  'no retries': BARE,
  'ten immediate retries': createModel('at once', { max: 10, baseUs: 0 }),
  'ten retries, 1 s apart': createModel('fixed', { max: 10, baseUs: S, factor: 1 }),
  'forever, 250 ms apart': createModel('for ever', { max: null, baseUs: S / 4, factor: 1 }),
  'doubling from 0.5 s, no jitter': createModel('doubling', { max: 4, capUs: 8 * S }),
  'doubling, full jitter': createModel('full', { max: 4, capUs: 8 * S, jitter: { kind: 'full' } }),
  'doubling, equal jitter': createModel('equal', { max: 4, capUs: 8 * S, jitter: { kind: 'equal' } }),
  'decorrelated jitter': createModel('decorrelated', { max: 4, capUs: 8 * S, jitter: { kind: 'decorrelated' } }),
  'Retry-After without jitter': createModel('letter', { max: 4, capUs: 8 * S, retryAfter: { reads: 'milliseconds' } }),
  'Retry-After plus jitter': createModel('on top', { max: 4, capUs: 8 * S, jitter: PLUS_JITTER, retryAfter: HONOURS }),
  'ten minutes between retries': createModel('slow', { max: 2, baseUs: 600 * S, factor: 1, jitter: { kind: 'equal' } }),
  'one queue paced at the quota rate': createModel(
    'queue',
    { max: 4, capUs: 8 * S, jitter: PLUS_JITTER, retryAfter: HONOURS },
    { pace: { burst: 5, intervalUs: S / 5 + 1000 }, deadlineUs: 60 * S },
  ),
};

/** Scenario overrides of each load, against a limit of 5 requests per second. */
export const LOADS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'under the limit': { 'load[0].rate': '4/s', 'load[0].duration': '60s' },
  '1.5 times the limit': { 'load[0].rate': '7.5/s', 'load[0].duration': '60s' },
  '1.5 times the limit, no Retry-After': {
    'load[0].rate': '7.5/s',
    'load[0].duration': '60s',
    'provider.retryAfter': 'none',
  },
  'a 60 s outage': {
    'load[0].rate': '2/s',
    'load[0].duration': '5m',
    'provider.faults': '[{ at: 30s, for: 60s, status: 503 }]',
  },
};

const FILE = fileURLToPath(new URL('./scenario.yaml', import.meta.url));

export async function loadScenarioFor(load: string): Promise<Scenario> {
  return loadScenario(FILE, { overrides: LOADS[load]! });
}

/** Runs a modelled client under a load. */
export function runClient(scenario: Scenario, model: ClientModel, seed: number): Run {
  const { provider, client } = scenario;
  const changed = { ...scenario, seed, client: { ...client, model }, provider: { ...provider, seed } };
  return readRun(modelJournal(changed, 'known clients'));
}

/** Returns the verdicts on a run, except those in `skipped`. */
export function judge(
  scenario: Scenario,
  model: ClientModel,
  seed: number,
  skipped: readonly string[] = [],
): Verdict[] {
  const off = Object.fromEntries(skipped.map((id) => [id, 'off' as const]));
  return judgeRun(runClient(scenario, model, seed), { ...scenario.verdicts, ...off });
}

/** Returns the IDs of verdicts that fail (or would if a second seed confirmed them), and of those that warn. */
export function failedAndWarned(verdicts: readonly Verdict[]): { failed: string[]; warned: string[] } {
  const isFail = ({ status, wouldFail }: Verdict): boolean => status === 'fail' || wouldFail === true;
  return {
    failed: verdicts.filter(isFail).map(({ id }) => id),
    warned: verdicts.filter((verdict) => verdict.status === 'warn' && !isFail(verdict)).map(({ id }) => id),
  };
}
