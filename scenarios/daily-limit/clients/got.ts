/** got with retries of POST enabled: it obeys any Retry-After, however long. */
import got from 'got';
import type { ClientCall } from 'quotalab';

export default async function ask({ model, prompt }: ClientCall): Promise<void> {
  await got
    .post(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
      headers: { authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
      json: { model, messages: [{ role: 'user', content: prompt }] },
      retry: { methods: ['POST'] },
    })
    .json();
}
