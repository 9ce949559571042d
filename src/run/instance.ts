import type { CallOutcome, ClientCall } from '../client/client.ts';
import type { Clock } from '../clock/clock.ts';
import type { ReplicaRecord } from '../journal/record.ts';
import type { Named } from '../scenario/fleet-settings.ts';
import type { ClientSettings } from '../scenario/scenario.ts';

/** One process, or one copy of a module, that makes calls. */
export interface Instance {
  call(call: ClientCall): Promise<CallOutcome>;
  /** Ends it at once. What it does afterwards has no effect. */
  stop(): Promise<void> | void;
}

/** Which instance of a client: a replica, and how often it has been started. Both count from 1. */
export interface InstanceId {
  readonly replica: number;
  readonly generation: number;
}

/** How a call of a fleet ended. */
export interface FleetOutcome extends Omit<CallOutcome, 'result'> {
  /** `open`: its replica ended first. */
  readonly result: CallOutcome['result'] | 'open';
  readonly client?: string;
  readonly replica?: string;
  /** Whether the call is to be made once more. */
  readonly resumes?: true;
}

export interface FleetOptions {
  readonly clients: readonly Named<ClientSettings>[];
  readonly clock: Clock;
  /** Starts an instance; resolves when it takes calls. */
  readonly start: (client: Named<ClientSettings>, id: InstanceId) => Promise<Instance>;
  /** Called when a replica begins to take calls, or ends. */
  readonly onChange: (record: ReplicaRecord) => void;
}
