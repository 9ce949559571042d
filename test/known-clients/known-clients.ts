import { fileURLToPath } from 'node:url';
import { judgeRun } from '../../src/analysis/judging/judge-run.ts';
import type { Verdict } from '../../src/analysis/judging/verdict.ts';
import { type Run, readRun } from '../../src/analysis/run/run-view.ts';
import type { ClientModel } from '../../src/retry/client-model.ts';
import { BARE, modelOf } from '../../src/retry/preset.ts';
import { modelJournal } from '../../src/run/model.ts';
import { loadScenario } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

const S = 1_000_000;
const OBEYS = { reads: 'milliseconds', as: 'floor', jittered: true } as const;
/** A wait as told, or as the backoff has it, and up to four seconds more. */
const ON_TOP = { kind: 'plus', mostUs: 4 * S } as const;

/** Ways to retry, bad and good on purpose. A name says all there is to it. */
export const POLICIES: Readonly<Record<string, ClientModel>> = {
  'no retries': BARE,
  'ten retries at once': modelOf('at once', { max: 10, baseUs: 0 }),
  'ten retries, 1 s apart': modelOf('fixed', { max: 10, baseUs: S, factor: 1 }),
  'for ever, 250 ms apart': modelOf('for ever', { max: null, baseUs: S / 4, factor: 1 }),
  'doubling from 0.5 s, no jitter': modelOf('doubling', { max: 4, capUs: 8 * S }),
  'doubling, full jitter': modelOf('full', { max: 4, capUs: 8 * S, jitter: { kind: 'full' } }),
  'doubling, equal jitter': modelOf('equal', { max: 4, capUs: 8 * S, jitter: { kind: 'equal' } }),
  'decorrelated jitter': modelOf('decorrelated', { max: 4, capUs: 8 * S, jitter: { kind: 'decorrelated' } }),
  'Retry-After to the letter': modelOf('letter', { max: 4, capUs: 8 * S, retryAfter: { reads: 'milliseconds' } }),
  'Retry-After and jitter on top': modelOf('on top', { max: 4, capUs: 8 * S, jitter: ON_TOP, retryAfter: OBEYS }),
  'ten minutes between retries': modelOf('slow', { max: 2, baseUs: 600 * S, factor: 1, jitter: { kind: 'equal' } }),
  'one queue at the rate of the quota': modelOf(
    'queue',
    { max: 4, capUs: 8 * S, jitter: ON_TOP, retryAfter: OBEYS },
    { pace: { burst: 5, intervalUs: S / 5 + 1000 }, deadlineUs: 60 * S },
  ),
};

/** Loads on five requests a second. */
export const LOADS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'under the limit': { 'load[0].rate': '4/s', 'load[0].duration': '60s' },
  '1.5 times the limit': { 'load[0].rate': '7.5/s', 'load[0].duration': '60s' },
  '1.5 times, told no wait': { 'load[0].rate': '7.5/s', 'load[0].duration': '60s', 'provider.retryAfter': 'none' },
  'an outage of 60 s': {
    'load[0].rate': '2/s',
    'load[0].duration': '5m',
    'provider.faults': '[{ at: 30s, for: 60s, status: 503 }]',
  },
};

const FILE = fileURLToPath(new URL('./scenario.yaml', import.meta.url));

export async function scenarioOf(load: string): Promise<Scenario> {
  return loadScenario(FILE, { overrides: LOADS[load]! });
}

/** A described client under a load, with a seed. */
export function runOf(scenario: Scenario, model: ClientModel, seed: number): Run {
  const { provider, client } = scenario;
  const changed = { ...scenario, seed, client: { ...client, model }, provider: { ...provider, seed } };
  return readRun(modelJournal(changed, 'known clients'));
}

/** What each verdict says of a run, those in `unasked` left out. */
export function judge(
  scenario: Scenario,
  model: ClientModel,
  seed: number,
  unasked: readonly string[] = [],
): Verdict[] {
  const off = Object.fromEntries(unasked.map((id) => [id, 'off' as const]));
  return judgeRun(runOf(scenario, model, seed), { ...scenario.verdicts, ...off });
}

/** Ids of verdicts that fail or would with another seed, and of those that warn. */
export function alarmsOf(verdicts: readonly Verdict[]): { failed: string[]; warned: string[] } {
  const isFail = ({ status, wouldFail }: Verdict): boolean => status === 'fail' || wouldFail === true;
  return {
    failed: verdicts.filter(isFail).map(({ id }) => id),
    warned: verdicts.filter((verdict) => verdict.status === 'warn' && !isFail(verdict)).map(({ id }) => id),
  };
}
