import { GoogleGenAI } from '@google/genai';
import type { ClientCall } from 'quotalab';

const { models } = new GoogleGenAI({
  apiKey: process.env.GEMINI_API_KEY!,
  httpOptions: { baseUrl: process.env.GOOGLE_GEMINI_BASE_URL! },
});

export default async function generate({ prompt, stream }: ClientCall): Promise<string> {
  const request = { model: 'gemini-3.8-flash', contents: prompt };
  if (!stream) return (await models.generateContent(request)).text!;
  let text = '';
  for await (const piece of await models.generateContentStream(request)) text += piece.text ?? '';
  return text;
}
