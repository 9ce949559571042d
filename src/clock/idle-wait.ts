import { countPoolWork } from './pool-work.ts';

/** The client waits for real I/O, which virtual time cannot advance. */
export class RealIoWait extends Error {
  readonly what: string;
  constructor(what: string) {
    super(`the client waits for ${what}`);
    this.what = what;
  }
}

interface WaitKind {
  /** Matches Node's name of the resource. */
  readonly pattern: RegExp;
  readonly label: string;
  /** Whether it ends soon without external events. */
  readonly isShort: boolean;
}

/** Kinds of waits, the most informative first. */
const WAITS: readonly WaitKind[] = [
  { pattern: /^(GetAddrInfo|GetNameInfo|Query)ReqWrap$|^DNSCHANNEL$/, label: 'a DNS look-up', isShort: false },
  { pattern: /^(TCP|TLS|UDP)/, label: 'a socket', isShort: false },
  { pattern: /^Process/, label: 'a child process', isShort: false },
  { pattern: /^(Pipe|TTY)/, label: 'a pipe', isShort: false },
  { pattern: /^Worker$/, label: 'a worker thread', isShort: false },
  { pattern: /^Timeout$/, label: 'a real timer that was set before virtual time began', isShort: false },
  { pattern: /^(FSReq|FSEvent|Stat|FileHandle|CloseReq)/, label: 'a file', isShort: true },
];

/** The thread's channel to the runner, also used for the client's output. */
const OWN_PORT = 'MessagePort';

const POOL_WAIT: WaitKind = { pattern: /./, label: 'the thread pool (a hash, a key, compression)', isShort: true };

/** Returns the most informative active wait. Unknown resources count as short: most are internal to Node. */
function findWait(active: readonly string[]): WaitKind | undefined {
  const outside = active.filter((name) => name !== OWN_PORT);
  const [name] = outside;
  if (name === undefined) return undefined;
  const known = WAITS.find(({ pattern }) => outside.some((resource) => pattern.test(resource)));
  return known ?? { pattern: /./, label: `the Node resource ${name}`, isShort: true };
}

/** How long a short wait (a file, a hash) may take while virtual time stands still. */
const MAX_SHORT_WAIT_MS = 3000;

/**
 * Creates a function that resolves when nothing is runnable at the current instant of virtual time: promises, `nextTick`,
 * `setImmediate` and short real work (a file, a hash) have finished. It throws `RealIoWait` for DNS, sockets, child processes
 * and real timers. Call it before the clocks are replaced. `note` is called once per kind of short wait, `beat` on each
 * turn of the event loop.
 */
export function createIdleWait(note: (what: string) => void, beat: () => void): () => Promise<void> {
  const realImmediate = setImmediate;
  const realTimeout = setTimeout;
  const realNow = performance.now.bind(performance);
  const poolWork = countPoolWork();
  const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));
  const pause = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 1));
  const noted = new Set<string>();

  return async () => {
    let sinceMs: number | undefined;
    for (;;) {
      beat();
      await turn();
      const active = process.getActiveResourcesInfo();
      if (active.includes('Immediate')) continue;
      const first = findWait(active) ?? (poolWork() > 0 ? POOL_WAIT : undefined);
      if (!first) return;
      if (!first.isShort) throw new RealIoWait(first.label);
      if (!noted.has(first.label)) note(first.label);
      noted.add(first.label);
      sinceMs ??= realNow();
      if (realNow() - sinceMs > MAX_SHORT_WAIT_MS) throw new RealIoWait(first.label);
      await pause();
    }
  };
}
