import type { ProviderSettings } from '../../mock-server/settings.ts';
import { BARE } from '../retry/preset.ts';
import type { CallSettings, Scenario } from './scenario.ts';

/** Traffic that QuotaLab did not generate. */
export interface ObservedTraffic {
  readonly name: string;
  /** Name in reports of the program that made it. */
  readonly client: string;
  readonly startUs: number;
  readonly provider: ProviderSettings;
  readonly call: CallSettings;
  /** Thresholds and verdict settings of a scenario to check the traffic against. */
  readonly checks: Pick<Scenario, 'thresholds' | 'verdicts'> | undefined;
}

/** Builds the scenario for the journal of observed traffic: no load, and a client of which only the name is known. */
export function observedScenario({ name, client, startUs, provider, call, checks }: ObservedTraffic): Scenario {
  return {
    name,
    seed: provider.seed,
    time: 'wall',
    startUs,
    provider,
    client: {
      code: { kind: 'none' },
      written: client,
      model: { ...BARE, name: 'not known' },
      assumed: true,
      env: {},
    },
    call,
    load: [],
    thresholds: checks?.thresholds ?? [],
    verdicts: checks?.verdicts ?? {},
  };
}
