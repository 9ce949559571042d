/** Fixed sleeps of a second, ten times, whatever the server says. */
import type { Call, CallContext } from 'quotalab';
import { ask, settle, sleep } from './ask.ts';

export default async function newcomer(call: Call, context: CallContext): Promise<void> {
  const most = Number(context.env.MAX_ATTEMPTS ?? 11);
  for (let attempt = 1; ; attempt++) {
    const response = await ask(call, context);
    if (response.status !== 429 || attempt >= most) return settle(response);
    await response.text();
    await sleep(1000);
  }
}
