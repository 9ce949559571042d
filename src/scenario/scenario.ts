import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Executor } from '../load/executors.ts';
import type { ClientModel } from '../retry/client-model.ts';
import type { FleetSettings, Named } from './fleet-settings.ts';

/** How much a verdict counts: `error` fails the run (exit 99), `warn` is shown, `off` is not computed. */
export type Severity = 'error' | 'warn' | 'off';

/** The severity of a verdict, or an object with its severity (absent: its default) and its settings, as written. */
export type VerdictSetting =
  | Severity
  | { readonly severity?: Severity | undefined; readonly [setting: string]: unknown };

/** One threshold of the user on a metric, as written. */
export interface ThresholdSetting {
  readonly metric: string;
  readonly expression: string;
  readonly abortOnFail: boolean;
  readonly delayAbortEvalUs: number;
}

/** The request that each call makes; passed to the client unchanged. */
export interface CallSettings {
  readonly model: string;
  /** `{id}` is replaced by the id of the call. Absent: seeded words that differ from call to call. */
  readonly prompt?: string;
  /** Template of the job that a call belongs to, with `{vu}`, `{iteration}` and `{id}`. Absent: each call is its own job. */
  readonly job?: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** A program in any language: one process per call, or workers that read calls line by line. */
export interface CommandCode {
  readonly kind: 'command';
  /** The program and its arguments, not interpreted by a shell. */
  readonly command: readonly string[];
  readonly protocol: 'call' | 'worker';
  /** Number of worker processes; a call goes to the one with the fewest calls in flight. */
  readonly workers: number;
  /** Absolute path of its working directory: the folder of the scenario. */
  readonly folder: string;
}

/** Raw load by autocannon: its options under their names there, resolved. Each request is a call of one attempt. */
export interface AutocannonCode {
  readonly kind: 'autocannon';
  readonly connections: number;
  /** Absent: unlimited. */
  readonly ratePerSecond?: number;
  readonly durationUs: number;
  /** Total requests, in place of the duration. */
  readonly amount?: number;
  readonly pipelining: number;
  readonly timeoutUs: number;
  readonly reconnectRate?: number;
  readonly bailout?: number;
  readonly workers: number;
  /** Whether the journal records each request, or counts per second. */
  readonly records: 'each' | 'seconds';
}

/** A function of a module at an absolute path. */
export interface ModuleCode {
  readonly kind: 'module';
  readonly module: string;
  /** The name of its export; absent: the default export, called with the call and its context. */
  readonly exported?: string;
  /** A template of its arguments, with placeholders such as `$prompt`; absent with a named export: the prompt alone. */
  readonly args?: readonly unknown[];
}

/** The code that makes calls: a function of a module, a program, raw load, or none, if only the model runs. */
export type ClientCode = ModuleCode | CommandCode | AutocannonCode | { readonly kind: 'none' };

/** The code under test. */
export interface ClientSettings {
  readonly code: ClientCode;
  /** Name in reports: the code as written in the scenario. */
  readonly written: string;
  /** The model that runs in model time, and whether it is a default that the scenario does not state. */
  readonly model: ClientModel;
  readonly assumed: boolean;
  /** Environment variables; they override those of the process and of the provider. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: one process, which lives as long as the run. */
  readonly fleet?: FleetSettings;
}

/** A program between the clients and the provider: nginx, Envoy, LiteLLM, a custom proxy. */
export interface GatewaySettings {
  /** The program and its arguments, with placeholders (`gateway-schema.ts`). */
  readonly command: readonly string[];
  /** The template of its config: absolute path, path as written in the scenario, hash of its text. */
  readonly config?: { readonly file: string; readonly written: string; readonly hash?: string };
  readonly env: Readonly<Record<string, string>>;
  /** Headers added to every request to the gateway, with placeholders. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly startTimeoutUs: number;
  /** Absolute path of its working directory: the folder of the scenario. */
  readonly folder: string;
}

/** A scenario with every default filled in, every string parsed, every path absolute. */
export interface Scenario {
  readonly name: string;
  readonly about?: string;
  readonly seed: number;
  /**
   * `virtual`: clocks jump, in process, from `startUs` on (since the Unix epoch); `wall`: real clocks and sockets;
   * `scaled`: real sockets, every clock runs `speed` times as fast; `model`: discrete events, no client code.
   */
  readonly time: 'virtual' | 'wall' | 'scaled' | 'model';
  /** In scaled time: the factor by which its clocks run faster than the machine's. */
  readonly speed?: number;
  readonly startUs: number;
  /** The only provider, or the first of several. */
  readonly provider: ProviderSettings;
  /** Set if providers have names; the others may be none. */
  readonly providerName?: string;
  readonly otherProviders?: readonly Named<ProviderSettings>[];
  /** In wall time only. */
  readonly gateway?: GatewaySettings;
  /** The only client, or the first of several. */
  readonly client: ClientSettings;
  /** Set if clients have names; the others may be none. */
  readonly clientName?: string;
  readonly otherClients?: readonly Named<ClientSettings>[];
  readonly call: CallSettings;
  readonly load: readonly Executor[];
  readonly thresholds: readonly ThresholdSetting[];
  /** By verdict id; a missing verdict has its default severity. */
  readonly verdicts: Readonly<Record<string, VerdictSetting>>;
}
