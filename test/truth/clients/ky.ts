import ky from 'ky';
import type { ClientCall } from 'quotalab';
import { answerOf, ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<string> {
  const [url, init] = ask(call);
  return answerOf(await ky(url, { ...init, retry: { methods: ['post'] } }).json());
}
