/** One request of a modelled client, of whose prompt only the length and the answer that it asks for matter. */
export interface ModelRequest {
  readonly prompt: string;
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens?: number;
  /** Tokens of the prompt where they are known; else they are estimated from its length. */
  readonly promptTokens?: number;
}
