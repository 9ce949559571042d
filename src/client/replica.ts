/**
 * One instance of a client in a thread that runs several. Code belongs to it by its asynchronous context: what it has started
 * is ended with it, and what it starts afterwards has no effect.
 */
export class Replica {
  /** `chat/3`, or `3` for a client without a name. */
  readonly name: string;
  /** Its own environment variables, which override those of the thread. */
  readonly env: Readonly<Record<string, string>>;
  /** Seeded random numbers of what it does outside calls. */
  readonly draw: () => number;
  readonly #ending = new AbortController();
  readonly #open = new Set<() => void>();
  #isStopped = false;

  constructor(name: string, env: Readonly<Record<string, string>> = {}, draw: () => number = Math.random) {
    this.name = name;
    this.env = env;
    this.draw = draw;
  }

  /** Whether it has ended. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Aborts when it ends. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Keeps something open until it is released or the replica ends. Returns the release. */
  own(end: () => void): () => void {
    if (this.#isStopped) {
      end();
      return () => undefined;
    }
    this.#open.add(end);
    return () => void this.#open.delete(end);
  }

  /** Ends it: cuts its requests and connections, and stops its timers. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const end of this.#open) end();
    this.#open.clear();
    this.#ending.abort();
  }
}
