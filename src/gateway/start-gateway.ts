import type { ChildProcess } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { ErrorCode } from '../../mock-server/error-codes.ts';
import { NO_PROXY } from '../client/client.ts';
import { describeExit, waitForExit } from '../programs/child-output.ts';
import { formatCommand } from '../programs/command-text.ts';
import { withServerFolders } from '../programs/find-executable.ts';
import { addLeftover, dropLeftover } from '../programs/leftovers.ts';
import { findListeners } from '../programs/listeners.ts';
import { sendSignal } from '../programs/proc.ts';
import { processGroups } from '../programs/process-group.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';
import { fillConfiguration, fillPlaceholders } from './fill-placeholders.ts';
import { findFreePort, HOST, isAccepting } from './port.ts';
import { findStartHint } from './start-hints.ts';
import { createTemporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  /** Resolves if it ends before it is stopped. */
  readonly died: Promise<Error>;
  /** Ends it with all its child processes and removes its folder. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** `127.0.0.1:PORT` of the provider. */
  readonly upstream: string;
  /** Aborts the start. */
  readonly signal: AbortSignal;
}

/** Characters of output kept for an error message. */
const MAX_OUTPUT_CHARS = 4096;

const POLL_INTERVAL_MS = 20;

/** A gateway counts as started if it still runs this long after it begins to listen. */
const SETTLED_MS = 50;

/**
 * Starts a gateway on a free port and waits until it listens. Throws `gateway/cannot-start` with its output,
 * `gateway/never-listens` or `client/interrupted`, after ending everything it has started.
 */
export async function startGateway(settings: GatewaySettings, options: GatewayOptions): Promise<Gateway> {
  const port = await findFreePort();
  const folder = createTemporaryFolder();
  const groups = processGroups();
  const listener = ['listener', port, realpathSync(settings.folder)] as const;
  addLeftover(listener);
  let child: ChildProcess | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    if (child) await groups.end(child);
    for (const pid of findListeners(port, listener[2])) sendSignal(pid, 'SIGKILL');
    dropLeftover(listener);
    groups.sweep();
    folder.remove();
  };
  try {
    child = launch(settings, { folder, port, upstream: options.upstream }, groups.start);
    const output = captureOutput(child);
    const ended = waitForEnd(child, settings, output);
    await waitUntilListening(port, settings, { ended, output, signal: options.signal });
    const died = ended.then((error) => (stopping ? new Promise<Error>(() => undefined) : error));
    return { port, died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function launch(
  { command, config, env, folder: cwd }: GatewaySettings,
  { folder, port, upstream }: { readonly folder: TemporaryFolder; readonly port: number; readonly upstream: string },
  start: ReturnType<typeof processGroups>['start'],
): ChildProcess {
  const values = { port: String(port), upstream, folder: folder.path };
  const file =
    config && folder.write(basename(config.file), fillConfiguration(readFileSync(config.file, 'utf8'), values));
  const allValues = { ...values, ...(file !== undefined && { config: file }) };
  const ownVariables = Object.entries(env).map(([name, value]) => [name, fillPlaceholders(value, allValues)]);
  const variables = {
    ...process.env,
    PATH: withServerFolders(process.env.PATH),
    ...NO_PROXY,
    ...(Object.fromEntries(ownVariables) as Record<string, string>),
  };
  return start(
    command.map((part) => fillPlaceholders(part, allValues)),
    cwd,
    variables,
  );
}

/** Returns a function that returns the end of the gateway's stdout and stderr. */
function captureOutput(child: ChildProcess): () => string {
  let output = '';
  child.stdin!.on('error', () => undefined);
  child.stdin!.end();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-MAX_OUTPUT_CHARS);
    });
  }
  return () => output.trim();
}

/** Resolves with an error when the gateway ends, after reading pending output. */
async function waitForEnd(
  child: ChildProcess,
  settings: GatewaySettings,
  output: () => string,
): Promise<QuotaLabError> {
  const exit = await waitForExit(child);
  await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  const details = 'cause' in exit ? `could not be started: ${exit.cause.message}` : describeExit(exit);
  const isQuiet = 'code' in exit && exit.code === 0 && output() === '';
  return gatewayError(settings, 'gateway/cannot-start', {
    summary: 'the gateway exited',
    details,
    output: output(),
    isQuiet,
  });
}

/** Why a gateway did not start: summary, details and its output. */
interface StartFailure {
  readonly summary: string;
  readonly details: string;
  readonly output: string;
  /** It exited with 0 and without output, like a server that goes into the background. */
  readonly isQuiet?: boolean;
}

function gatewayError(settings: GatewaySettings, code: ErrorCode, failure: StartFailure): QuotaLabError {
  const { summary, details, output, isQuiet } = failure;
  const hint = isQuiet
    ? 'it must stay in the foreground (nginx: -g "daemon off;")'
    : findStartHint(output, settings.config?.written);
  return new QuotaLabError(code, summary, {
    problems: [
      {
        path: 'gateway.command',
        message: `${formatCommand(settings.command)} ${details}${output === '' ? '' : `:\n${output}`}`,
        hint,
      },
    ],
  });
}

interface Startup {
  readonly ended: Promise<QuotaLabError>;
  readonly output: () => string;
  readonly signal: AbortSignal;
}

async function waitUntilListening(
  port: number,
  settings: GatewaySettings,
  { ended, output, signal }: Startup,
): Promise<void> {
  let end: QuotaLabError | undefined;
  void ended.then((error) => {
    end = error;
  });
  const { startTimeoutUs } = settings;
  const deadlineMs = performance.now() + startTimeoutUs / 1000;
  while (!end && !signal.aborted && performance.now() < deadlineMs) {
    const isListening = await isAccepting(port);
    await new Promise((resolve) => setTimeout(resolve, isListening ? SETTLED_MS : POLL_INTERVAL_MS));
    // A server that goes into the background listens before it exits; another program may be on the port.
    if (isListening && !end) return;
  }
  if (end) throw end;
  if (signal.aborted) throw new QuotaLabError('client/interrupted', 'interrupted while starting the gateway');
  const details = `does not listen on ${HOST}:${port} after ${startTimeoutUs / 1e6} s`;
  throw gatewayError(settings, 'gateway/never-listens', {
    summary: 'the gateway does not listen',
    details,
    output: output(),
  });
}
