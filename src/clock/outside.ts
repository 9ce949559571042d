import { countPoolWork } from './pool-work.ts';

/** Something that the client waits for and that no virtual clock can bring. */
export class OutsideWait extends Error {
  readonly what: string;
  constructor(what: string) {
    super(`the client waits for ${what}`);
    this.what = what;
  }
}

interface Wait {
  /** What Node calls it. */
  readonly node: RegExp;
  readonly words: string;
  /** Whether it ends soon, without anybody else. */
  readonly short: boolean;
}

/** What Node waits for, the most telling first. */
const WAITS: readonly Wait[] = [
  { node: /^(GetAddrInfo|GetNameInfo|Query)ReqWrap$|^DNSCHANNEL$/, words: 'a DNS look-up', short: false },
  { node: /^(TCP|TLS|UDP)/, words: 'a socket', short: false },
  { node: /^Process/, words: 'a child process', short: false },
  { node: /^(Pipe|TTY)/, words: 'a pipe', short: false },
  { node: /^Worker$/, words: 'a worker thread', short: false },
  { node: /^Timeout$/, words: 'a timer of the real clock, taken before virtual time began', short: false },
  { node: /^(FSReq|FSEvent|Stat|FileHandle|CloseReq)/, words: 'a file', short: true },
];

/** The thread's way to the runner, and what a client prints on. */
const OWN_PORT = 'MessagePort';

const POOL: Wait = { node: /./, words: 'the thread pool (a hash, a key, compression)', short: true };

/** The most telling of what is waited for. What has no words of ours is short, as most of what Node does by itself. */
function firstWait(active: readonly string[]): Wait | undefined {
  const outside = active.filter((name) => name !== OWN_PORT);
  const [some] = outside;
  if (some === undefined) return undefined;
  const known = WAITS.find(({ node }) => outside.some((name) => node.test(name)));
  return known ?? { node: /./, words: `a ${some} of Node's`, short: true };
}

/** How long a short wait (a file, a hash) may take while virtual time stands still. */
const LONGEST_SHORT_WAIT_MS = 3000;

/**
 * Makes the function that says when nothing is runnable any more at this instant of virtual time. It lets promises,
 * `nextTick` and `setImmediate` run dry, lets short work of this machine end (a file, a hash) while time stands still,
 * and throws `OutsideWait` for what time cannot bring: DNS, sockets, child processes, real timers. To be called before
 * clocks are replaced. `note` is told each kind of short wait once, `beat` that this thread still turns.
 */
export function createRest(note: (what: string) => void, beat: () => void): () => Promise<void> {
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
      const first = firstWait(active) ?? (poolWork() > 0 ? POOL : undefined);
      if (!first) return;
      if (!first.short) throw new OutsideWait(first.words);
      if (!noted.has(first.words)) note(first.words);
      noted.add(first.words);
      sinceMs ??= realNow();
      if (realNow() - sinceMs > LONGEST_SHORT_WAIT_MS) throw new OutsideWait(first.words);
      await pause();
    }
  };
}
