import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Executor } from '../load/executor.ts';

/** How much a verdict counts: `error` fails the run (exit 99), `warn` is shown, `off` is not computed. */
export type Severity = 'error' | 'warn' | 'off';

/** One bound of the user's on a metric, as written. */
export interface ThresholdSetting {
  readonly metric: string;
  readonly expression: string;
  readonly abortOnFail: boolean;
  readonly delayAbortEvalUs: number;
}

/** What each call is asked to do; handed to the client as it is. */
export interface CallSettings {
  readonly model: string;
  /** `{id}` is replaced by the call's id. Absent: seeded words that differ from call to call. */
  readonly prompt?: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** A scenario with every default filled in, every string parsed, every path absolute. */
export interface Scenario {
  readonly name: string;
  readonly about?: string;
  readonly seed: number;
  readonly time: 'wall';
  readonly provider: ProviderSettings;
  readonly client: { readonly module: string };
  readonly call: CallSettings;
  readonly load: readonly Executor[];
  readonly thresholds: readonly ThresholdSetting[];
  /** By verdict id; one that is missing has the verdict's own default. */
  readonly verdicts: Readonly<Record<string, Severity>>;
}
