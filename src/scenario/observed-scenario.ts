import type { ProviderSettings } from '../../mock-server/settings.ts';
import { BARE } from '../retry/preset.ts';
import type { CallSettings, Scenario } from './scenario.ts';

/** Traffic that no load of ours made. */
export interface Observed {
  readonly name: string;
  /** How reports call what made it. */
  readonly client: string;
  readonly startUs: number;
  readonly provider: ProviderSettings;
  readonly call: CallSettings;
  /** Which thresholds and verdicts count, of a scenario that says so. */
  readonly asked: Pick<Scenario, 'thresholds' | 'verdicts'> | undefined;
}

/** What a journal of such traffic has for a scenario: no load, and a client of which nothing but its name is known. */
export function observedScenario({ name, client, startUs, provider, call, asked }: Observed): Scenario {
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
    thresholds: asked?.thresholds ?? [],
    verdicts: asked?.verdicts ?? {},
  };
}
