import { GoogleGenAI } from '@google/genai';
import type { ClientCall } from 'quotalab';
import { patiently } from './patience.ts';

const gemini = new GoogleGenAI({ apiKey: process.env.GEMINI_API_KEY! });

export default ({ model, prompt, maxTokens, stream }: ClientCall): Promise<string> =>
  patiently(prompt.length / 4 + (maxTokens ?? 0), async (abortSignal) => {
    const config = { abortSignal, ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }) };
    const request = { model, contents: prompt, config };
    if (!stream) return (await gemini.models.generateContent(request)).candidates![0]!.content!.parts![0]!.text!;
    let [text, ended] = ['', false];
    for await (const { candidates } of await gemini.models.generateContentStream(request)) {
      text += candidates?.[0]?.content?.parts?.[0]?.text ?? '';
      ended ||= candidates?.[0]?.finishReason !== undefined;
    }
    if (!ended) throw new Error('the stream ended early');
    return text;
  });
