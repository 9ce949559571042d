import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import { DIALECT_NAMES, type DialectName, type ProviderSettings } from '../../mock-server/settings.ts';
import type { CallError } from '../journal/record.ts';
import type { Output } from './output-of.ts';

/** What one call is asked to do; a client module gets it as its first argument. */
export interface Call {
  readonly id: number;
  /** 1-based number of the virtual user that makes the call, and its turn, from 0. */
  readonly vu: number;
  readonly iteration: number;
  /** The name of the load that makes the call, where the scenario gives one. */
  readonly load?: string;
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** A client module's second argument. */
export interface CallContext {
  /** The environment that points at the provider; `process.env` holds the same. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the run is over and nobody waits for the call any more. */
  readonly signal: AbortSignal;
}

/**
 * What a client module exports as default. A call has succeeded when the promise resolves. What it resolves to may tell how
 * much came out: a text, a list, a result of an SDK; `{ fallback: true }` says that the answer came from elsewhere.
 */
export type ClientFunction = (call: Call, context: CallContext) => unknown;

/** How a call went, in microseconds on the run's clock. */
export interface CallOutcome extends Output {
  readonly startUs: number;
  readonly endUs: number;
  readonly result: 'ok' | 'error';
  readonly error?: CallError;
}

/** The team's code, ready to be called; `run/` knows nothing else of it. */
export interface Client {
  /** Starts a call. Never rejects; never resolves for a call whose client died or was stopped. */
  call(call: Call): Promise<CallOutcome>;
  /** Resolves when the client is gone before anybody stopped it. */
  readonly died: Promise<Error>;
  /** Aborts what is in flight and lets the client go. */
  stop(): Promise<void>;
}

/** What a client is let in with where every key is. */
const ANY_KEY = 'sk-quotalab-0123456789abcdef';

/** A proxy variable on the machine must not send loopback traffic away. */
export const NO_PROXY: Readonly<Record<string, string>> = {
  NO_PROXY: '127.0.0.1,localhost,::1',
  no_proxy: '127.0.0.1,localhost,::1',
};

/**
 * The environment in which every SDK finds the provider (`field.md` 5.5), with the first of the keys that it lets in; where
 * keys have names, `QUOTALAB_KEYS` has all of them by name, as JSON. An SDK of another dialect finds it too: where each has a
 * URL of its own in its own words, and else it is told that it is the wrong one; it must never find the real provider.
 * Azure's own class takes an endpoint or OpenAI's base URL, never both, so with it goes no other.
 */
export function providerEnvironment(
  url: string | ((dialect: DialectName) => string),
  { keys, keyNames, dialect }: Pick<ProviderSettings, 'keys' | 'keyNames' | 'dialect'>,
): Record<string, string> {
  const key = keys === 'any' ? ANY_KEY : (keys[0] ?? ANY_KEY);
  const urlOf = typeof url === 'string' ? () => url : url;
  const all = dialectsWith(dialect).map((name) => dialectOf({ dialect: name }).environment(urlOf(name), key));
  return {
    ...Object.assign({}, ...all),
    ...NO_PROXY,
    ...(keyNames && { QUOTALAB_KEYS: JSON.stringify(byName(keyNames, keys)) }),
  };
}

/** The dialects whose SDKs can be pointed at a provider together with this one, which comes last. */
export function dialectsWith(dialect: DialectName): DialectName[] {
  return [...DIALECT_NAMES.filter((name) => dialect !== 'azure' && name !== 'azure' && name !== dialect), dialect];
}

function byName(names: readonly string[], keys: ProviderSettings['keys']): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, keys[index]!]));
}
