import { watchMessageHops } from './message-hops.ts';
import { countPoolWork } from './pool-work.ts';
import { createTurnPace } from './turn-pace.ts';

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

/** Resources that are no waits: the thread's channel to the runner, also used for the client's output, and turns. */
const OWN_PORT = 'MessagePort';
const TURN = 'Immediate';

const POOL_WAIT: WaitKind = { pattern: /./, label: 'the thread pool (a hash, a key, compression)', isShort: true };

/** Returns the most informative active wait. Unknown resources count as short: most are internal to Node. */
function findWait(active: readonly string[]): WaitKind | undefined {
  const outside = active.filter((name) => name !== OWN_PORT && name !== TURN);
  const [name] = outside;
  if (name === undefined) return undefined;
  const known = WAITS.find(({ pattern }) => outside.some((resource) => pattern.test(resource)));
  return known ?? { pattern: /./, label: `the Node resource ${name}`, isShort: true };
}

/** How long a short wait (a file, a hash) may take while virtual time stands still. */
const MAX_SHORT_WAIT_MS = 3000;

/** What the wait knows of the virtual clock. */
export interface WatchedClock {
  nowMs(): number;
  /** How often the clock has been read so far. */
  readCount(): number;
}

/**
 * Creates a function that resolves when nothing is runnable at the current instant of virtual time: promises, `nextTick`,
 * `setImmediate`, messages within the thread and short real work (a file, a hash) have finished. It resolves with the
 * milliseconds that may pass: without end, or a few if the client does nothing but take turns of the event loop
 * (`createTurnPace`). It throws `RealIoWait` for DNS, sockets, child processes and real timers. Call it before the clocks
 * are replaced. `note` is called once per kind of short wait, `beat` on each turn of the event loop.
 */
export function createIdleWait(
  clock: WatchedClock,
  note: (what: string) => void,
  beat: () => void,
): () => Promise<number> {
  const realImmediate = setImmediate;
  const realTimeout = setTimeout;
  const realNow = performance.now.bind(performance);
  const poolWork = countPoolWork();
  const isHopping = watchMessageHops();
  const pace = createTurnPace();
  const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));
  const pause = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 1));
  const noted = new Set<string>();

  /** Throws if a short wait takes too long, and notes its kind. */
  function holdFor({ label, isShort }: WaitKind, sinceMs: number): void {
    if (!isShort || realNow() - sinceMs > MAX_SHORT_WAIT_MS) throw new RealIoWait(label);
    if (!noted.has(label)) note(label);
    noted.add(label);
  }

  return async () => {
    let sinceMs: number | undefined;
    for (;;) {
      beat();
      const reads = clock.readCount();
      await turn();
      const active = process.getActiveResourcesInfo();
      const isTurning = isHopping() || active.includes(TURN);
      const stepMs = isTurning ? pace.next(clock.nowMs(), clock.readCount() !== reads) : Infinity;
      if (stepMs === 0) continue;
      const first = findWait(active) ?? (poolWork() > 0 ? POOL_WAIT : undefined);
      if (first) {
        sinceMs ??= realNow();
        holdFor(first, sinceMs);
        await pause();
        continue;
      }
      if (!isTurning) pace.reset();
      return stepMs;
    }
  };
}
