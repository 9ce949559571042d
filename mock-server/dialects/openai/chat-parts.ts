import type { Outcome } from '../../completion/outcome.ts';
import type { Moment } from '../dialect.ts';
import type { Generation } from '../generation.ts';
import { alphanumericId } from '../ids.ts';

/** What every body and every chunk of one answer begins with. */
export interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly service_tier: string;
  readonly system_fingerprint: string | null;
}

/** `usage` of chat and text completions. */
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

export function finishReason({ finish }: Outcome): string {
  return FINISH[finish];
}

/** The identifier of a call that a rule has not named. */
export function callId(given: string | undefined, { chances }: Moment): string {
  return given ?? alphanumericId('call_', 24, chances.ids);
}
