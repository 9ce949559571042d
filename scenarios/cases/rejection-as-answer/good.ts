/** The same two adapters; a refusal is thrown as an error with its status. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, fail, post } from '../ask.ts';

export default function adapter(call: ClientCall, context: CallContext): Promise<string | number[][]> {
  return call.load === 'chat' ? chat(call, context) : embed(call, context);
}

async function chat(call: ClientCall, context: CallContext): Promise<string> {
  const response = await ask(call, context);
  if (!response.ok) return fail(response);
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]!.message.content;
}

async function embed({ prompt }: ClientCall, { env, signal }: CallContext): Promise<number[][]> {
  const response = await post('embeddings', env, { signal, body: { model: 'text-embedding-3-small', input: prompt } });
  if (!response.ok) return fail(response);
  const { data } = (await response.json()) as { data: { embedding: number[] }[] };
  return data.map(({ embedding }) => embedding);
}
