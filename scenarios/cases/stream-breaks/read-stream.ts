/** Reads a chat stream and passes on each piece of text. Throws if the stream ends without `[DONE]`. */
export async function readStream(response: Response, onText: (text: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === 'data: [DONE]') return;
      if (!line.startsWith('data: ')) continue;
      const { choices } = JSON.parse(line.slice('data: '.length)) as {
        choices: { delta: { content?: string | null } }[];
      };
      onText(choices[0]?.delta.content ?? '');
    }
  }
  throw new Error('the stream ended without [DONE]');
}
