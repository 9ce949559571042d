import got from 'got';
import type { ClientCall } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<void> {
  const [url, { headers, body }] = ask(call);
  await got.post(url, { headers, body, retry: { methods: ['POST'] } }).json();
}
