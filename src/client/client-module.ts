import { pathToFileURL } from 'node:url';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { ErrorCode } from '../../mock-server/error-codes.ts';
import type { CallError } from '../journal/call-records.ts';
import type { ModuleCode } from '../scenario/scenario.ts';
import type { CallContext, CallOutcome, ClientCall, ClientFunction } from './client.ts';
import { fillArguments } from './fill-arguments.ts';
import { describeImportProblem } from './import-problem.ts';
import { measureOutput, readJob } from './measure-output.ts';

/**
 * Imports the function of a client module, by the URL of a replica if there are several. Throws `client/import-failed`, `client/no-default-export`, or `client/no-export`
 * for an export that was named.
 */
export async function importClient(
  { module, exported, args }: Omit<ModuleCode, 'kind'>,
  url = pathToFileURL(module).href,
): Promise<ClientFunction> {
  const all = await importModule(module, url);
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

async function importModule(module: string, url: string): Promise<Exports> {
  try {
    return withCommonJs((await import(url)) as Exports);
  } catch (error) {
    const problem = describeImportProblem(error);
    // What to do is the first thing to read.
    const mend = problem.hint === undefined ? '' : `: ${problem.hint}`;
    throw clientError('client/import-failed', `${module} could not be imported${mend}`, problem);
  }
}

/**
 * Adds the exports of TypeScript that was compiled to CommonJS, which Node gives as the default export, since it finds names
 * only where the source shows them plainly.
 */
function withCommonJs(all: Exports): Exports {
  const { default: main } = all;
  const isObject = typeof main === 'object' && main !== null;
  const isCompiled = isObject && ((main as Exports).__esModule === true || all['module.exports'] === main);
  return isCompiled ? { ...all, default: undefined, ...main } : all;
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
