/** What a load says of one call; the scenario's `call` says the rest. */
export interface CallShape {
  readonly model?: string;
  /** Tokens of the prompt, and of the answer that it requests. */
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly stream?: boolean;
  /** The conversation that the call is a turn of: its prompts begin alike. */
  readonly conversation?: string;
  /** The client that makes the call, where a scenario has several. */
  readonly client?: string;
  /** The kind of call, by which reports tell calls apart. */
  readonly kind?: string;
}

/** One arrival of an open load: when it is due, in microseconds since the start of the run, and its call. */
export interface Arrival {
  readonly atUs: number;
  readonly shape?: CallShape;
}
