import pRetry from 'p-retry';
import type { Call } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: Call): Promise<void> {
  await pRetry(async () => {
    const response = await fetch(...ask(call));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    await response.json();
  });
}
