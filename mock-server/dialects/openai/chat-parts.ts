import type { CompletionOutcome } from '../../completion/outcome.ts';
import type { RequestContext } from '../dialect.ts';
import type { Generation } from '../generation.ts';
import { alphanumericId } from '../ids.ts';

/** Fields shared by the body and all chunks of an answer. */
export interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly service_tier: string;
  readonly system_fingerprint: string | null;
}

/** Returns `usage` of chat and text completions. */
export function usageOf({ promptTokens, completionTokens }: Generation): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

const FINISH = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls' } as const;

export function finishReason({ finish }: CompletionOutcome): string {
  return FINISH[finish];
}

/** Returns the ID that a rule set for a tool call, or a random one. */
export function callId(given: string | undefined, { random }: RequestContext): string {
  return given ?? alphanumericId('call_', 24, random.ids);
}
