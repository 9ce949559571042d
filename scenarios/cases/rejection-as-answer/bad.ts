/** Two adapters that always return something: the error message, and the rest of a batch. */
import type { CallContext, ClientCall } from 'quotalab';
import { ask, post } from '../ask.ts';

export default function adapter(call: ClientCall, context: CallContext): Promise<string | number[][]> {
  return call.load === 'chat' ? chat(call, context) : embed(call, context);
}

async function chat(call: ClientCall, context: CallContext): Promise<string> {
  const body = (await (await ask(call, context)).json()) as {
    choices?: { message: { content: string } }[];
    error?: { message: string };
  };
  return body.choices?.[0]?.message.content ?? body.error?.message ?? '';
}

async function embed({ prompt }: ClientCall, { env, signal }: CallContext): Promise<number[][]> {
  const response = await post('embeddings', env, { signal, body: { model: 'text-embedding-3-small', input: prompt } });
  const { data = [] } = (await response.json()) as { data?: { embedding: number[] }[] };
  return data.map(({ embedding }) => embedding);
}
