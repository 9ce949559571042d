/** What ends a program: Ctrl-C, Ctrl-\, `kill`, and a terminal that closes. */
export type EndSignal = 'SIGINT' | 'SIGQUIT' | 'SIGTERM' | 'SIGHUP';

/** The same signal within this time is the same event. */
const ECHO_MS = 300;

/**
 * Calls `handle` for each of these signals, instead of ending this process. An event that is sent twice counts once: a
 * terminal, or `kill` on a process group, reaches this process and the one that has started it (`bin/quotalab.mjs`, npm), which
 * forwards it. Returns a function that stops listening.
 */
export function onSignals<Signal extends EndSignal>(
  signals: readonly Signal[],
  handle: (signal: Signal) => void,
): () => void {
  const lastMs = new Map<string, number>();
  const receive = (name: NodeJS.Signals): void => {
    const nowMs = performance.now();
    const isEcho = nowMs - (lastMs.get(name) ?? -Infinity) < ECHO_MS;
    lastMs.set(name, nowMs);
    if (!isEcho) handle(name as Signal);
  };
  for (const signal of signals) process.on(signal, receive);
  return () => {
    for (const signal of signals) process.off(signal, receive);
  };
}
