import { digest, type Listening, listen } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider, type Provider } from '../../mock-server/provider.ts';
import type { DialectName } from '../../mock-server/settings.ts';
import { callsOf } from '../attribution/calls-of.ts';
import { dialectsWith } from '../client/client.ts';
import { type ProgramEnd, runProgram } from '../client/program.ts';
import { programEnvironment } from '../client/program-environment.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { attemptRecord } from '../journal/attempt-record.ts';
import type { AttemptRecord, JournalRecord, ProgramSource } from '../journal/record.ts';
import type { Variables } from '../programs/process-group.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { headerOf } from './header.ts';

export interface ExecOptions {
  /** `quotalab 1.2.3`, for the journal's header. */
  readonly tool: string;
  readonly command: readonly string[];
  /** What the program inherits. */
  readonly env: Variables;
  /** Where the program's own stdout goes. */
  readonly stdout: 'inherit' | 'stderr';
  /** Told where the provider listens, by dialect, the main one last, before the program starts. */
  readonly onListening: (urls: ReadonlyMap<DialectName, string>) => void;
}

export interface ExecOutcome {
  readonly records: readonly JournalRecord[];
  readonly end: ProgramEnd;
}

/**
 * Runs a program beside a fresh provider that speaks to every SDK in its own words. `scenario` says what the provider is
 * and what is asked of the program; its calls are what its attempts imply. Throws what `runProgram` and `listen` throw.
 */
export async function runExec(scenario: Scenario, options: ExecOptions): Promise<ExecOutcome> {
  const { tool, command, env, stdout, onListening } = options;
  const clock = wallClock();
  const provider = createProvider(scenario.provider, digest, await loadTokenizer(scenario.provider));
  const attempts: AttemptRecord[] = [];
  const startedUs = clock.nowUs();
  const servers = await listenAll(provider, clock.nowUs, (exchange) => {
    attempts.push(attemptRecord(attempts.length + 1, exchange, startedUs, () => ({ call: null, joinedBy: 'none' })));
  });
  try {
    const urls = new Map([...servers].map(([name, { url }]) => [name, url]));
    const environment = programEnvironment(env, (name) => urls.get(name)!, scenario.provider);
    onListening(urls);
    provider.begin(startedUs);
    const end = await runProgram(command, environment.env, stdout);
    await closeAll(servers);
    // Only what reached the provider is known of a program that runs by itself.
    const program: ProgramSource = { missing: ['caller'], variables: environment.set };
    const header = { ...headerOf(scenario, tool, startedUs, process.version), program };
    return { records: [header, ...recordsOf(attempts, clock.nowUs() - startedUs, end)], end };
  } finally {
    await closeAll(servers);
  }
}

/** A program that has ended by itself makes no further attempt; one that was interrupted might have. */
function recordsOf(
  attempts: readonly AttemptRecord[],
  endUs: number,
  { interrupted, exitCode }: ProgramEnd,
): JournalRecord[] {
  const inferred = callsOf(attempts, interrupted ? endUs : Number.MAX_SAFE_INTEGER);
  const stopped = interrupted ? ({ stopped: 'interrupted' } as const) : {};
  return [...inferred.calls, ...inferred.attempts, { type: 'end', endUs, ...stopped, exitCode }];
}

async function listenAll(
  provider: Provider,
  nowUs: () => number,
  onExchange: NonNullable<Parameters<typeof listen>[1]['onExchange']>,
): Promise<Map<DialectName, Listening>> {
  const servers = new Map<DialectName, Listening>();
  try {
    for (const name of dialectsWith(provider.settings.dialect)) {
      servers.set(name, await listen(provider.speaking(name), { nowUs, onExchange }));
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return servers;
}

async function closeAll(servers: ReadonlyMap<DialectName, Listening>): Promise<void> {
  for (const server of servers.values()) await server.close();
}
