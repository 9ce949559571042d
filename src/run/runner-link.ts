import { parentPort } from 'node:worker_threads';
import type { QuotaLabError } from '../../mock-server/error.ts';
import type { EndRecord } from '../journal/record.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The run of a virtual thread. */
export interface VirtualSettings {
  readonly scenario: Scenario;
  /** The complete environment of the client. */
  readonly env: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly allowHosts: readonly string[];
  /** The address in the client's environment; requests to it are intercepted. */
  readonly host: string;
  readonly port: number;
  /** Whether the run pauses each second until the runner replies `go` or `stop`. */
  readonly pausesEachSecond: boolean;
  /** Whether `fetch` is intercepted directly or through a socket in memory. The client sees no difference. */
  readonly fetchThrough: 'fetch' | 'socket';
  /** Counts the steps of the clock, so that a stalled thread is detected. */
  readonly heartbeat: Int32Array<SharedArrayBuffer>;
}

/** Messages of the runner to a virtual thread. */
export type ToVirtual =
  /** The first message: a spare thread starts before its run is known. */
  | { readonly type: 'begin'; readonly settings: VirtualSettings }
  | { readonly type: 'go' }
  | { readonly type: 'stop'; readonly reason: EndRecord['stopped'] };

/** Messages of a virtual thread to its runner. */
export type FromVirtual =
  /** The client has been imported; its first call is about to start. */
  | { readonly type: 'ready' }
  /** Lines of the journal. `pausesForCheck`: time stands still until the runner replies `go` or `stop`. */
  | { readonly type: 'lines'; readonly lines: string; readonly elapsedUs: number; readonly pausesForCheck: boolean }
  | { readonly type: 'note'; readonly text: string }
  /** A new API key that the client uses, which must not be shown. */
  | { readonly type: 'key'; readonly key: string }
  | ({ readonly type: 'failed' } & Pick<QuotaLabError, 'code' | 'message' | 'problems'>)
  | { readonly type: 'end'; readonly end: EndRecord };

/** The connection of a virtual thread to its runner (`virtual.ts`). */
export class RunnerLink {
  /** Resolves with the settings of the run when the runner assigns one to this thread. */
  readonly begun: Promise<VirtualSettings>;
  readonly #stop = new AbortController();
  #stopped: EndRecord['stopped'];
  #go: (() => void) | undefined;

  constructor() {
    this.begun = new Promise((begin) => {
      parentPort!.on('message', (message: ToVirtual) => {
        if (message.type === 'begin') return begin(message.settings);
        if (message.type === 'stop') {
          this.#stopped = message.reason;
          this.#stop.abort();
        }
        this.#go?.();
      });
    });
  }

  /** Aborted when the runner stops the run. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the runner stopped the run; undefined if it did not. */
  get stopped(): EndRecord['stopped'] {
    return this.#stopped;
  }

  /** Resolves when the runner replies `go` or `stop`. */
  waitForReply(): Promise<void> {
    return new Promise((resolve) => {
      this.#go = resolve;
    });
  }

  /** Posts a message to the runner. */
  send(message: FromVirtual): void {
    parentPort!.postMessage(message);
  }

  /** Reports why the run cannot continue. */
  fail({ code, message, problems }: QuotaLabError): void {
    this.send({ type: 'failed', code, message, problems });
  }

  /** Ends the thread, unless the client keeps it alive. */
  close(): void {
    parentPort!.close();
  }
}
