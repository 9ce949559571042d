import type { Generation } from '../generation.ts';

/** An output item of a response: a message or a function call. */
export type OutputItem = MessageItem | FunctionItem;

export interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly status: string;
  readonly role: 'assistant';
  readonly content: readonly object[];
}

export interface FunctionItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status: string;
}

/** The fixed fields of a response; `render` adds those that change between its first and last event. */
export interface ResponseTemplate {
  readonly id: string;
  render(status: string, output: readonly OutputItem[], rest?: object): object;
}

/** Returns the final response: completed, or incomplete if cut at its token limit. */
export function finalBody(template: ResponseTemplate, items: readonly OutputItem[], generation: Generation): object {
  const usage = usageOf(generation);
  if (generation.outcomes[0]!.finish === 'length') {
    return template.render('incomplete', items, { incomplete_details: { reason: 'max_output_tokens' }, usage });
  }
  return template.render('completed', items, { usage });
}

function usageOf({ promptTokens, completionTokens }: Generation): object {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + completionTokens,
  };
}

export function textPart(text: string): object {
  return { type: 'output_text', text, annotations: [], logprobs: [] };
}
