/** A router that takes its only deployment out for a minute after a refusal, and fails every call until then. */
import { ask } from './ask.ts';

let outUntilMs = 0;

export default async function routed(): Promise<string> {
  if (performance.now() < outUntilMs) throw new Error('no deployments available');
  try {
    return await ask();
  } catch (error) {
    outUntilMs = performance.now() + 60_000;
    throw error;
  }
}
