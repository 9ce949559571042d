/** A breaker that opens for ten minutes after five failures in a row. */
import { ask } from './ask.ts';

let failures = 0;
let openUntilMs = 0;

export default async function guarded(): Promise<string> {
  if (performance.now() < openUntilMs) throw new Error('circuit open');
  try {
    const answer = await ask();
    failures = 0;
    return answer;
  } catch (error) {
    if (++failures >= 5) openUntilMs = performance.now() + 600_000;
    throw error;
  }
}
