import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { NO_PROXY } from '../client/client.ts';
import { exitText } from '../client/command-result.ts';
import { exitOf } from '../programs/child-output.ts';
import { commandText } from '../programs/command-text.ts';
import { pathOfServers } from '../programs/find-executable.ts';
import { sendSignal } from '../programs/proc.ts';
import { processGroups } from '../programs/process-group.ts';
import type { GatewaySettings } from '../scenario/scenario.ts';
import { configurationOf, filledIn } from './fill-in.ts';
import { accepts, freePort, HOST, listenersOn } from './port.ts';
import { hintFor } from './start-hints.ts';

/** A gateway that listens. */
export interface Gateway {
  readonly port: number;
  /** Resolves when it has ended before anybody stopped it. */
  readonly died: Promise<Error>;
  /** Ends it, with all that it has started; nothing of it is left, its folder included. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  /** `127.0.0.1:PORT` of the provider. */
  readonly upstream: string;
  /** Aborts when nobody waits for the start any more. */
  readonly signal: AbortSignal;
}

/** Characters of what it says that are kept for the error's message. */
const MOST_WORDS = 4096;

const LOOK_EVERY_MS = 20;

/** One that listens and is still there so long after is taken to stay. */
const SETTLED_MS = 50;

/**
 * Starts a gateway on a free port and waits until it listens. Throws `gateway/cannot-start` with its own words,
 * `gateway/never-listens` or `client/interrupted`; whatever it had started is then gone.
 */
export async function startGateway(settings: GatewaySettings, options: GatewayOptions): Promise<Gateway> {
  const port = await freePort();
  const folder = temporaryFolder();
  const groups = processGroups();
  let child: ChildProcess | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    if (child) await groups.end(child);
    for (const pid of listenersOn(port, realpathSync(settings.folder))) sendSignal(pid, 'SIGKILL');
    groups.sweep();
    folder.remove();
  };
  try {
    child = launch(settings, { folder, port, upstream: options.upstream }, groups.start);
    const words = wordsOf(child);
    const ended = endOf(child, settings, words);
    await listening(port, settings, { ended, words, signal: options.signal });
    const died = ended.then((error) => (stopping ? new Promise<Error>(() => undefined) : error));
    return { port, died, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Folder {
  readonly path: string;
  remove(): void;
}

/** Servers that give up root must be able to enter it, too. */
function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'quotalab-gateway-'));
  chmodSync(path, 0o755);
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

function launch(
  { command, config, env, folder: cwd }: GatewaySettings,
  { folder, port, upstream }: { readonly folder: Folder; readonly port: number; readonly upstream: string },
  start: ReturnType<typeof processGroups>['start'],
): ChildProcess {
  const known = { port: String(port), upstream, folder: folder.path };
  const file = config && join(folder.path, basename(config.file));
  if (config && file !== undefined) writeFileSync(file, configurationOf(readFileSync(config.file, 'utf8'), known));
  const places = { ...known, ...(file !== undefined && { config: file }) };
  const own = Object.entries(env).map(([name, value]) => [name, filledIn(value, places)]);
  const variables = {
    ...process.env,
    PATH: pathOfServers(process.env.PATH),
    ...NO_PROXY,
    ...(Object.fromEntries(own) as Record<string, string>),
  };
  return start(
    command.map((part) => filledIn(part, places)),
    cwd,
    variables,
  );
}

/** The last of what it has said, on stdout and stderr alike. */
function wordsOf(child: ChildProcess): () => string {
  let said = '';
  child.stdin!.on('error', () => undefined);
  child.stdin!.end();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_WORDS);
    });
  }
  return () => said.trim();
}

/** How it ended, as an error; output that is still in the pipe is waited for. */
async function endOf(child: ChildProcess, settings: GatewaySettings, words: () => string): Promise<QuotaLabError> {
  const exit = await exitOf(child);
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  const how = 'cause' in exit ? `could not be started: ${exit.cause.message}` : exitText(exit);
  const isQuiet = 'code' in exit && exit.code === 0 && words() === '';
  return gatewayError(settings, 'gateway/cannot-start', {
    what: 'the gateway has ended',
    how,
    words: words(),
    isQuiet,
  });
}

/** Why there is no gateway: what happened, how in detail, and what it said itself. */
interface Failure {
  readonly what: string;
  readonly how: string;
  readonly words: string;
  /** It has ended well and said nothing, as what goes into the background does. */
  readonly isQuiet?: boolean;
}

function gatewayError(settings: GatewaySettings, code: string, failure: Failure): QuotaLabError {
  const { what, how, words, isQuiet } = failure;
  const hint = isQuiet
    ? 'it must stay in the foreground; of nginx that is -g "daemon off;"'
    : hintFor(words, settings.config?.written);
  return new QuotaLabError(code, what, {
    problems: [
      {
        path: 'gateway.command',
        message: `${commandText(settings.command)} ${how}${words === '' ? '' : `:\n${words}`}`,
        ...(hint !== undefined && { hint }),
      },
    ],
  });
}

interface Start {
  readonly ended: Promise<QuotaLabError>;
  readonly words: () => string;
  readonly signal: AbortSignal;
}

async function listening(port: number, settings: GatewaySettings, { ended, words, signal }: Start): Promise<void> {
  let end: QuotaLabError | undefined;
  void ended.then((error) => {
    end = error;
  });
  const { startTimeoutUs } = settings;
  const giveUpMs = performance.now() + startTimeoutUs / 1000;
  while (!end && !signal.aborted && performance.now() < giveUpMs) {
    const isThere = await accepts(port);
    await new Promise((resolve) => setTimeout(resolve, isThere ? SETTLED_MS : LOOK_EVERY_MS));
    // One that goes into the background listens first, and a stranger may be on its port.
    if (isThere && !end) return;
  }
  if (end) throw end;
  if (signal.aborted) throw new QuotaLabError('client/interrupted', 'interrupted while the gateway was started');
  const how = `does not listen on ${HOST}:${port} after ${startTimeoutUs / 1e6} s`;
  throw gatewayError(settings, 'gateway/never-listens', { what: 'the gateway does not listen', how, words: words() });
}
