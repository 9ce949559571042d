/** Restarts a broken stream from the beginning, even after text was passed on. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail } from '../ask.ts';
import { readStream } from './read-stream.ts';

export default async function chat(call: ClientCall, context: CallContext): Promise<string> {
  let said = '';
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await ask({ ...call, prompt: `${call.load}: ${call.prompt}` }, context, { stream: true });
      if (!response.ok) return await fail(response);
      await readStream(response, (text) => (said += text));
      return said;
    } catch (error) {
      if (attempt === 3) throw error;
      await sleep(500, undefined, { signal: context.signal });
    }
  }
}
