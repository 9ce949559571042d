import pRetry from 'p-retry';
import type { ClientCall } from 'quotalab';
import { answerOf, ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<string> {
  return pRetry(async () => {
    const response = await fetch(...ask(call));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return answerOf(await response.json());
  });
}
