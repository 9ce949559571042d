import type { ClientCall } from 'quotalab';

/** One chat completion, as arguments of `fetch`. */
export function ask({
  model,
  prompt,
}: ClientCall): [url: string, init: { method: string; headers: Record<string, string>; body: string }] {
  const headers = { authorization: `Bearer ${process.env.OPENAI_API_KEY}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: prompt }] });
  return [`${process.env.OPENAI_BASE_URL}/chat/completions`, { method: 'POST', headers, body }];
}

/** Returns the text of a chat completion. */
export function answerOf(completion: unknown): string {
  return (completion as { choices: [{ message: { content: string } }] }).choices[0].message.content;
}
