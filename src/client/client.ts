import { DIALECT_NAMES, DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { CallError } from '../journal/call-records.ts';
import type { Output } from './measure-output.ts';

/** One call: the first argument of a client module. */
export interface ClientCall {
  readonly id: number;
  /** Number of the virtual user that makes the call, from 1; `iteration` counts its calls from 0. */
  readonly vu: number;
  readonly iteration: number;
  /** Name of the load that makes the call, if the scenario sets one. */
  readonly load?: string;
  /** Name of the client that makes the call, if the scenario has several. */
  readonly client?: string;
  /** The kind of call that it is, if a trace or the scenario names it. */
  readonly kind?: string;
  /** The conversation that the call is a turn of; its prompts begin alike. */
  readonly conversation?: string;
  readonly model: string;
  readonly prompt: string;
  /** Tokens of the prompt, if the load asks for so many. */
  readonly promptTokens?: number;
  /** The job that the call is a try of, if the scenario names one. */
  readonly job?: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** A client module's second argument. */
export interface CallContext {
  /** The environment that points at the provider; same as `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the run is over and the call is no longer needed. */
  readonly signal: AbortSignal;
}

/**
 * The default export of a client module. A call succeeds when the promise resolves. Its value may be a text, a list or an
 * SDK's result, from which the output size is read; `{ fallback: true }` marks a reply from another source.
 */
export type ClientFunction = (call: ClientCall, context: CallContext) => unknown;

/** The outcome of a call; times in microseconds on the run's clock. */
export interface CallOutcome extends Output {
  readonly startUs: number;
  readonly endUs: number;
  readonly result: 'ok' | 'error';
  readonly error?: CallError;
}

/** A started client; the interface between `run/` and any kind of client. */
export interface Client {
  /** Starts a call. Never rejects; never resolves if the client dies or is stopped. */
  call(call: ClientCall): Promise<CallOutcome>;
  /** Resolves if the client ends before it is stopped. */
  readonly died: Promise<Error>;
  /** Aborts open calls and ends the client. */
  stop(): Promise<void>;
}

/** The API key for a provider that accepts every key. */
export const PLACEHOLDER_KEY = 'sk-quotalab-0123456789abcdef';

/** Keeps loopback traffic away from a proxy configured on the machine. */
export const NO_PROXY: Readonly<Record<string, string>> = {
  NO_PROXY: '127.0.0.1,localhost,::1',
  no_proxy: '127.0.0.1,localhost,::1',
};

/**
 * Returns the environment that points every SDK at the provider (`field.md` 5.5), with its first valid key; named keys are
 * also in `QUOTALAB_KEYS`, by name, as JSON. SDKs of other dialects are pointed at it too, so that they never reach the real
 * provider: with a single URL they get an error.
 */
export function providerEnvironment(
  url: string | ((dialect: DialectName) => string),
  { keys, keyNames, dialect }: Pick<ProviderSettings, 'keys' | 'keyNames' | 'dialect'>,
): Record<string, string> {
  const key = keys === 'any' ? PLACEHOLDER_KEY : (keys[0] ?? PLACEHOLDER_KEY);
  const urlOf = typeof url === 'string' ? () => url : url;
  const all = dialectsWith(dialect).map((name) => DIALECTS[name].environment(urlOf(name), key));
  return {
    ...Object.assign({}, ...all),
    ...NO_PROXY,
    ...(keyNames && { QUOTALAB_KEYS: JSON.stringify(keysByName(keyNames, keys)) }),
  };
}

/** The dialects whose SDKs can be configured together with this one; this one is last. */
export function dialectsWith(dialect: DialectName): DialectName[] {
  const isExclusive = (name: DialectName): boolean => DIALECTS[name].conflictingVariables.length > 0;
  const others = isExclusive(dialect) ? [] : DIALECT_NAMES.filter((name) => name !== dialect && !isExclusive(name));
  return [...others, dialect];
}

function keysByName(names: readonly string[], keys: ProviderSettings['keys']): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, keys[index]!]));
}

/** What a client needs to start. */
export interface StartOptions {
  /** Address of the provider. */
  readonly url: string;
  readonly provider: Pick<ProviderSettings, 'keys' | 'keyNames' | 'dialect'>;
  /** The run's clock; its origin is shared with other threads (`wallClock`). */
  readonly clock: { readonly originUs: number; nowUs(): number };
  /** Adds the variables that put a command on the run's clock; absent in wall time. */
  readonly environment?: (own: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** Hosts other than loopback that the client may reach. */
  readonly allowHosts: readonly string[];
  /** Aborts the start. */
  readonly signal: AbortSignal;
  /** Takes the client's output, which must not mix with the results on stdout. */
  readonly print: (text: string) => void;
}
