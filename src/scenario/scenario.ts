import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Executor } from '../load/executor.ts';
import type { ClientModel } from '../retry/client-model.ts';

/** How much a verdict counts: `error` fails the run (exit 99), `warn` is shown, `off` is not computed. */
export type Severity = 'error' | 'warn' | 'off';

/** A verdict's severity, or that (absent: its own default) and settings of its own by name, as written. */
export type VerdictSetting =
  | Severity
  | { readonly severity?: Severity | undefined; readonly [setting: string]: unknown };

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

/** A program in any language: started anew for each call, or a worker that is told of calls line by line. */
export interface CommandCode {
  readonly kind: 'command';
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly protocol: 'call' | 'worker';
  /** Processes of a worker; calls go to the one with the fewest under way. */
  readonly workers: number;
  /** Absolute path of the folder in which it is started: the scenario's. */
  readonly folder: string;
}

/** Raw load: autocannon's settings by its own names, resolved. Each request is a call, made once. */
export interface AutocannonCode {
  readonly kind: 'autocannon';
  readonly connections: number;
  /** Absent: as many as can be. */
  readonly ratePerSecond?: number;
  readonly durationUs: number;
  /** In place of the duration. */
  readonly amount?: number;
  readonly pipelining: number;
  readonly timeoutUs: number;
  readonly reconnectRate?: number;
  readonly bailout?: number;
  readonly workers: number;
  /** Whether the journal has each request, or counts them by the second. */
  readonly records: 'each' | 'seconds';
}

/** What makes the calls: a module at an absolute path, a program, raw load, or nothing, where only a model is run. */
export type ClientCode =
  | { readonly kind: 'module'; readonly module: string }
  | CommandCode
  | AutocannonCode
  | { readonly kind: 'none' };

/** The code under test. */
export interface ClientSettings {
  readonly code: ClientCode;
  /** How reports call it: as it stands in the scenario. */
  readonly written: string;
  /** What stands for it where no code is run, and whether the scenario leaves open what that is. */
  readonly model: ClientModel;
  readonly assumed: boolean;
  /** Variables of the client's environment, over those of the process and of the provider. */
  readonly env: Readonly<Record<string, string>>;
}

/** A program that stands between the clients and the provider: nginx, Envoy, LiteLLM, a proxy of the team's own. */
export interface GatewaySettings {
  /** The program and its arguments, with places to be filled in (`gateway-schema.ts`). */
  readonly command: readonly string[];
  /** The template that its configuration is made from: absolute path, as it stands in the scenario, hash of its text. */
  readonly config?: { readonly file: string; readonly written: string; readonly hash?: string };
  readonly env: Readonly<Record<string, string>>;
  readonly startTimeoutUs: number;
  /** Absolute path of the folder in which it is started: the scenario's. */
  readonly folder: string;
}

/** A scenario with every default filled in, every string parsed, every path absolute. */
export interface Scenario {
  readonly name: string;
  readonly about?: string;
  readonly seed: number;
  /**
   * `virtual`: clocks jump, in process, from `startUs` on (since the Unix epoch); `wall`: real clocks and sockets;
   * `scaled`: real sockets, every clock runs `speed` times as fast; `model`: discrete events, no code of the team.
   */
  readonly time: 'virtual' | 'wall' | 'scaled' | 'model';
  /** In scaled time: how many times as fast as the machine's its clocks run. */
  readonly speed?: number;
  readonly startUs: number;
  readonly provider: ProviderSettings;
  /** In wall time only. */
  readonly gateway?: GatewaySettings;
  readonly client: ClientSettings;
  readonly call: CallSettings;
  readonly load: readonly Executor[];
  readonly thresholds: readonly ThresholdSetting[];
  /** By verdict id; one that is missing has the verdict's own default. */
  readonly verdicts: Readonly<Record<string, VerdictSetting>>;
}
