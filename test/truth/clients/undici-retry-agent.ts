import type { ClientCall } from 'quotalab';
import { Agent, RetryAgent, request } from 'undici';
import { answerOf, ask } from './ask.ts';

const dispatcher = new RetryAgent(new Agent(), { methods: ['POST'], statusCodes: [429, 500, 502, 503, 504] });

export default async function chat(call: ClientCall): Promise<string> {
  const [url, { headers, body }] = ask(call);
  const answer = await request(url, { dispatcher, method: 'POST', headers, body });
  return answerOf(await answer.body.json());
}
