import pRetry from 'p-retry';
import type { ClientCall } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<void> {
  await pRetry(async () => {
    const response = await fetch(...ask(call));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    await response.json();
  });
}
