import got from 'got';
import type { Call } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: Call): Promise<void> {
  const [url, { headers, body }] = ask(call);
  await got.post(url, { headers, body, retry: { methods: ['POST'] } }).json();
}
