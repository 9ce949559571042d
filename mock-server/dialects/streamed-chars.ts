import type { Frame } from '../reply.ts';

/** Counts the characters of answer text in the frames of a stream, in any dialect. */
export function streamedChars(frames: readonly Frame[]): number {
  return frames.reduce((sum, { text }) => sum + charsIn(text), 0);
}

function charsIn(text: string): number {
  return text.split('\n').reduce((sum, line) => {
    const [, json] = /^(?:data: |\[|,)?(\{.*\})\]?$/.exec(line) ?? [];
    return json === undefined ? sum : sum + textsOf(json).join('').length;
  }, 0);
}

/** Returns the text fragments of one event. */
function textsOf(json: string): string[] {
  const event = JSON.parse(json) as StreamEvent;
  const texts = [
    typeof event.delta === 'string' ? event.delta : event.delta?.text,
    ...(event.choices ?? []).flatMap(({ delta, text }) => [delta?.content, text]),
    ...(event.candidates ?? []).flatMap(({ content }) => (content?.parts ?? []).map(({ text }) => text)),
  ];
  return texts.filter((text) => typeof text === 'string');
}

/**
 * Text fields of stream events: `delta` (Responses, Messages), `choices` (chat, completions), `candidates` (Gemini).
 */
interface StreamEvent {
  readonly delta?: string | { readonly text?: string };
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null }; readonly text?: string }[];
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly { readonly text?: string }[] } }[];
}
