/** The openai SDK behind a queue of 5 requests a second: right for one process, and each replica has a queue of its own. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';
import { createTurns } from './turn.ts';

const openai = new OpenAI();
const myTurn = createTurns(200, 5);

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await myTurn();
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
