/** A token bucket of its own, first in first out: a call larger than the bucket waits for ever, and all others behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.ts';

let turn: Promise<unknown> = Promise.resolve();

export default function metered({ id }: { id: number }): Promise<string> {
  const mine = turn.then(() => fits(id === 1 ? 200 : 20));
  turn = mine;
  return mine.then(() => ask());
}

async function fits(tokens: number): Promise<void> {
  while (tokens > 100) await sleep(1000);
}
