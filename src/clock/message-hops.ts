import { BroadcastChannel, MessagePort, parentPort } from 'node:worker_threads';

/** A message to a port of the same thread is received in the turn of the event loop after the next. */
const HOP_TURNS = 2;

/**
 * Patches message ports to notice messages of this thread to itself, which Node does not list as active resources. Returns
 * a function to call once per turn of the event loop, which returns whether a message may still be under way.
 */
export function watchMessageHops(): () => boolean {
  let turnsLeft = 0;
  for (const { prototype } of [MessagePort, BroadcastChannel]) {
    const post = prototype.postMessage as (...args: unknown[]) => void;
    prototype.postMessage = function postMessage(this: unknown, ...args: unknown[]) {
      if (this !== parentPort) turnsLeft = HOP_TURNS;
      Reflect.apply(post, this, args);
    };
  }
  return () => turnsLeft > 0 && turnsLeft-- > 0;
}
