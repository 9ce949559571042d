import type { Generation } from '../generation.ts';

/** One thing that a response has to show: a message, or a call of a function. */
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

/** A response from its first event to its last: what changes is given to `at`. */
export interface ResponseFrame {
  readonly id: string;
  at(status: string, output: readonly OutputItem[], rest?: object): object;
}

/** What the response is once it has ended: completed, or cut at its maximum. */
export function finalBody(frame: ResponseFrame, items: readonly OutputItem[], generation: Generation): object {
  const usage = usageOf(generation);
  if (generation.outcomes[0]!.finish === 'length') {
    return frame.at('incomplete', items, { incomplete_details: { reason: 'max_output_tokens' }, usage });
  }
  return frame.at('completed', items, { usage });
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
