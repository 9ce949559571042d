/** Embeds a text with one request; fails if it is refused. */
import type { CallContext, ClientCall } from 'quotalab';
import { fail, post } from '../ask.ts';

export default async function embed({ prompt }: ClientCall, { env, signal }: CallContext): Promise<number[]> {
  const response = await post('embeddings', env, { signal, body: { model: 'text-embedding-3-small', input: prompt } });
  if (!response.ok) return fail(response);
  const { data } = (await response.json()) as { data: { embedding: number[] }[] };
  return data[0]!.embedding;
}
