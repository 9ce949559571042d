import ky from 'ky';
import type { ClientCall } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: ClientCall): Promise<void> {
  const [url, init] = ask(call);
  await ky(url, { ...init, retry: { methods: ['post'] } }).json();
}
