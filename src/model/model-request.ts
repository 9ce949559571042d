/** One request of a modelled client, of whose prompt only the length and the requested answer tokens matter. */
export interface ModelRequest {
  readonly prompt: string;
  readonly model: string;
  readonly stream: boolean;
  readonly maxTokens?: number;
  /** Tokens of the prompt where they are known; else they are estimated from its length. */
  readonly promptTokens?: number;
}
