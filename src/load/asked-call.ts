/** What the load asks of one call; what it leaves open is as the scenario's `call` says. */
export interface AskedCall {
  readonly model?: string;
  /** Tokens of the prompt, and of the answer that it asks for. */
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

/** One arrival of an open load: when it is due, in microseconds since the start of the run, and what it asks. */
export interface Arrival {
  readonly atUs: number;
  readonly asked?: AskedCall;
}
