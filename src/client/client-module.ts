import { pathToFileURL } from 'node:url';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { CallError } from '../journal/record.ts';
import type { Call, CallContext, CallOutcome, ClientFunction } from './client.ts';
import { outputOf } from './output-of.ts';

/** Imports the team's module. Throws `client/import-failed` or `client/no-default-export`. */
export async function importClient(module: string): Promise<ClientFunction> {
  const { default: client } = await load(module);
  if (typeof client === 'function') return client as ClientFunction;
  throw clientError('client/no-default-export', `${module} has no function as its default export`, {
    message: `default export is ${client === undefined ? 'missing' : typeof client}`,
    hint: 'export default async function (call, context) { … }',
  });
}

async function load(module: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(module).href)) as { default?: unknown };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const hint = importHint(message);
    throw clientError('client/import-failed', `${module} could not be imported`, { message, ...(hint && { hint }) });
  }
}

/** `npm init` writes `"type": "commonjs"`, under which a module is none. */
const IS_NO_MODULE = /Cannot use import statement outside a module|Unexpected token 'export'/;

function importHint(message: string): string | undefined {
  const [, missing] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  if (missing !== undefined) return `npm install ${missing}`;
  return IS_NO_MODULE.test(message) ? '"type": "module" in its package.json, or the ending .mts or .mjs' : undefined;
}

/** A problem with the scenario's `client.module`. */
export function clientError(code: string, message: string, problem: Omit<Problem, 'path'>): QuotaLabError {
  return new QuotaLabError(code, message, { problems: [{ path: 'client.module', ...problem }] });
}

/** Makes one call. Never rejects. */
export async function settleCall(
  client: ClientFunction,
  call: Call,
  context: CallContext,
): Promise<Omit<CallOutcome, 'startUs' | 'endUs'>> {
  try {
    return { result: 'ok', ...outputOf(await client(call, context)) };
  } catch (error) {
    return { result: 'error', error: describeError(error) };
  }
}

/** What a journal keeps of an error: anything may be thrown. */
function describeError(error: unknown): CallError {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error) };
  const { status, code } = error as { status?: unknown; code?: unknown };
  return {
    // A name that was given to this one error says more than its class, and SDKs' classes more than `Error`.
    name: Object.hasOwn(error, 'name') ? error.name : error.constructor.name || error.name,
    message: error.message,
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
  };
}
