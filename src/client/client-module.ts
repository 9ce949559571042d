import { pathToFileURL } from 'node:url';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { ErrorCode } from '../../mock-server/error-codes.ts';
import type { CallError } from '../journal/call-records.ts';
import type { ModuleCode } from '../scenario/scenario.ts';
import type { CallContext, CallOutcome, ClientCall, ClientFunction } from './client.ts';
import { fillArguments } from './fill-arguments.ts';
import { measureOutput, readJob } from './measure-output.ts';

/**
 * Imports the function of a client module. Throws `client/import-failed`, `client/no-default-export`, or `client/no-export`
 * for an export that was named.
 */
export async function importClient({ module, exported, args }: Omit<ModuleCode, 'kind'>): Promise<ClientFunction> {
  const all = await importModule(module);
  const found = all[exported ?? 'default'];
  if (typeof found !== 'function') throw noFunctionError(module, all, exported);
  if (args === undefined && (exported === undefined || exported === 'default')) return found as ClientFunction;
  const template = args ?? ['$prompt'];
  return (call, context) => (found as (...args: unknown[]) => unknown)(...fillArguments(template, call, context));
}

function noFunctionError(module: string, all: Exports, exported: string | undefined): QuotaLabError {
  const functions = Object.keys(all).filter((name) => typeof all[name] === 'function');
  const others = functions.map((name) => `#${name}`).join(', ');
  const kind =
    all[exported ?? 'default'] === undefined ? 'missing' : `not a function but ${typeof all[exported ?? 'default']}`;
  const named = others === '' ? undefined : `it exports ${others}: name one after the file`;
  if (exported !== undefined) {
    return clientError('client/no-export', `${module} has no exported function ${exported}`, {
      message: `export ${exported} is ${kind}`,
      ...(named !== undefined && { hint: named }),
    });
  }
  return clientError('client/no-default-export', `${module} has no default export function`, {
    message: `default export is ${kind}`,
    hint: named ?? 'export default async function (call, context) { … }',
  });
}

type Exports = Readonly<Record<string, unknown>>;

async function importModule(module: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(module).href)) as Exports;
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const hint = importHint(message);
    throw clientError('client/import-failed', `${module} could not be imported`, { message, hint });
  }
}

/** `npm init` writes `"type": "commonjs"`, under which ES syntax is rejected. */
const PARSED_AS_COMMONJS = /Cannot use import statement outside a module|Unexpected token 'export'/;

function importHint(message: string): string | undefined {
  const [, missing] = /Cannot find package '([^']+)'/.exec(message) ?? [];
  if (missing !== undefined) return `npm install ${missing}`;
  return PARSED_AS_COMMONJS.test(message)
    ? 'set "type": "module" in its package.json, or use the extension .mts or .mjs'
    : undefined;
}

/** A problem with the scenario's `client.module`. */
export function clientError(code: ErrorCode, message: string, problem: Omit<Problem, 'path'>): QuotaLabError {
  return new QuotaLabError(code, message, { problems: [{ path: 'client.module', ...problem }] });
}

/** Makes one call. Never rejects. */
export async function settleCall(
  client: ClientFunction,
  call: ClientCall,
  context: CallContext,
): Promise<Omit<CallOutcome, 'startUs' | 'endUs'>> {
  try {
    return { result: 'ok', ...measureOutput(await client(call, context)) };
  } catch (error) {
    return { result: 'error', error: describeError(error), ...readJob(error) };
  }
}

/** Converts a thrown value, of any type, to its journal form. */
function describeError(error: unknown): CallError {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error) };
  const { status, code } = error as { status?: unknown; code?: unknown };
  return {
    // An error's own name is more specific than its class, and an SDK's class more specific than `Error`.
    name: Object.hasOwn(error, 'name') ? error.name : error.constructor.name || error.name,
    message: error.message,
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
  };
}
