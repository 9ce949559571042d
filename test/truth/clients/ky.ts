import ky from 'ky';
import type { Call } from 'quotalab';
import { ask } from './ask.ts';

export default async function chat(call: Call): Promise<void> {
  const [url, init] = ask(call);
  await ky(url, { ...init, retry: { methods: ['post'] } }).json();
}
