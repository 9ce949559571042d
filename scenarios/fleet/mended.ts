/** The same queue with a share of the quota: the deployment says in REPLICAS how many processes there are. */
import OpenAI from 'openai';
import type { ClientCall } from 'quotalab';
import { createTurns } from './turn.ts';

const replicas = Number(process.env.REPLICAS);

const openai = new OpenAI();
/** Slightly more than eight times the 200 ms of the quota, and no burst: eight bursts would be forty requests. */
const myTurn = createTurns(205 * replicas, 1);

export default async function chat({ model, prompt }: ClientCall): Promise<void> {
  await myTurn();
  await openai.chat.completions.create({ model, messages: [{ role: 'user', content: prompt }] });
}
