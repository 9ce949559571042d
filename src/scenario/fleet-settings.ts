import type { Balance } from '../load/balancer.ts';

/** The number of replicas from a time on, counted from the start of the run. */
export interface ReplicaStep {
  readonly atUs: number;
  readonly count: number;
}

/** Replicas that end and are replaced. Times count from the start of the run. */
export interface Restart {
  readonly atUs: number;
  readonly replicas: number | 'all';
  /** Time from one replica to the next. */
  readonly rollingUs: number;
  /** How long calls in flight may continue. */
  readonly drainUs: number;
  /** Time until the new replica takes calls. */
  readonly startupUs: number;
  /** Whether the calls that were cut are made once more. */
  readonly resumes: boolean;
}

/** The replicas of a client over time. */
export interface FleetSettings {
  /** In order of time; the first is at 0. */
  readonly steps: readonly ReplicaStep[];
  readonly balance: Balance;
  readonly restarts: readonly Restart[];
}

/** A provider or a client, and its name in the scenario; empty if the scenario has one without a name. */
export interface Named<Settings> {
  readonly name: string;
  readonly settings: Settings;
}
