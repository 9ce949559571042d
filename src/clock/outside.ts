import { createHook } from 'node:async_hooks';

/** Something that the client waits for and that no virtual clock can bring. */
export class OutsideWait extends Error {
  readonly what: string;
  constructor(what: string) {
    super(`the client waits for ${what}`);
    this.what = what;
  }
}

/** Work of the thread pool that Node does not list among what keeps it alive. */
const POOL_WORK =
  /^(PBKDF2|SCRYPT|HASH|HKDF|RANDOMBYTES|RANDOMPRIME|CHECKPRIME|SIGN|VERIFY|CIPHER|DERIVEBITS|KEYGEN|KEYEXPORT|KEYPAIRGEN|SECRETKEYGEN|ARGON2)REQUEST$/;

/**
 * What Node calls the things it waits for, in plain words, the most telling first, and whether they end by themselves
 * without anybody else.
 */
const WAITS: readonly { readonly node: RegExp; readonly words: string; readonly short: boolean }[] = [
  { node: /^(GetAddrInfo|GetNameInfo|Query)ReqWrap$|^DNSCHANNEL$/, words: 'a DNS look-up', short: false },
  { node: /^(TCP|TLS|UDP)/, words: 'a socket', short: false },
  { node: /^Process/, words: 'a child process', short: false },
  { node: /^(Pipe|TTY)/, words: 'a pipe', short: false },
  { node: /^Worker$/, words: 'a worker thread', short: false },
  { node: /^Timeout$/, words: 'a timer of the real clock, taken before virtual time began', short: false },
  { node: /^(FSReq|FSEvent|Stat|FileHandle|CloseReq)/, words: 'a file', short: true },
  { node: POOL_WORK, words: "the thread pool (node:crypto's)", short: true },
];

/** The thread's way to the runner, and what a client prints on. */
const OWN_PORT = 'MessagePort';

const unknown = (name: string): (typeof WAITS)[number] => ({ node: /./, words: `a ${name} of Node's`, short: true });

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
  const pool = watchPool();
  const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));
  const pause = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 1));
  const noted = new Set<string>();

  return async () => {
    let sinceMs: number | undefined;
    for (;;) {
      beat();
      await turn();
      const active = [...process.getActiveResourcesInfo(), ...pool()];
      if (active.includes('Immediate')) continue;
      const outside = active.filter((name) => name !== OWN_PORT);
      if (outside.length === 0) return;
      // What has no words of ours is waited for like a file: most of what Node does by itself is short.
      const first = WAITS.find(({ node }) => outside.some((name) => node.test(name))) ?? unknown(outside[0]!);
      if (!first.short) throw new OutsideWait(first.words);
      if (!noted.has(first.words)) note(first.words);
      noted.add(first.words);
      sinceMs ??= realNow();
      if (realNow() - sinceMs > LONGEST_SHORT_WAIT_MS) throw new OutsideWait(first.words);
      await pause();
    }
  };
}

/** The names of thread-pool work that is under way. */
function watchPool(): () => Iterable<string> {
  const working = new Map<number, string>();
  createHook({
    trackPromises: false,
    init(id, type) {
      if (POOL_WORK.test(type)) working.set(id, type);
    },
    destroy(id) {
      working.delete(id);
    },
  }).enable();
  return () => working.values();
}
