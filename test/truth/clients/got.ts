import got from 'got';
import type { ClientCall } from 'quotalab';
import { answerOf, ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<string> {
  const [url, { headers, body }] = ask(call);
  return answerOf(await got.post(url, { headers, body, retry: { methods: ['POST'] } }).json());
}
