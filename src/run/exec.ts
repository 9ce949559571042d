import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { listen, type ProviderServer } from '../../mock-server/listen.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { secretsInCommand } from '../../mock-server/redaction/hide-in-command.ts';
import { inferProgramCalls } from '../attribution/program-calls.ts';
import { dialectsWith } from '../client/client.ts';
import { type ProgramEnd, runProgram } from '../client/program.ts';
import { programEnvironment } from '../client/program-environment.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { createAttemptRecord } from '../journal/attempt-record.ts';
import type { AttemptRecord } from '../journal/call-records.ts';
import type { JournalWriter } from '../journal/journal-writer.ts';
import type { EndRecord, JournalRecord, ProgramSource } from '../journal/record.ts';
import type { Variables } from '../programs/process-group.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createHeader } from './header.ts';
import { createRunRedactor, redactRecordsWith } from './run-redactor.ts';

export interface ExecOptions {
  /** `quotalab 1.2.3`, for the journal's header. */
  readonly tool: string;
  readonly command: readonly string[];
  /** Environment that the program inherits. */
  readonly env: Variables;
  /** Where the program's own stdout goes. */
  readonly stdout: 'inherit' | 'stderr';
  /** Opens the journal, for the attempts as they end. */
  readonly openJournal: () => JournalWriter;
  /** Called before the program starts, with the URLs of the provider by dialect, the main one last. */
  readonly onListening: (urls: ReadonlyMap<DialectName, string>) => void;
}

export interface ExecOutcome {
  /** What the journal has been given, and calls that are inferred from it. */
  readonly records: readonly JournalRecord[];
  readonly end: ProgramEnd;
}

/**
 * Runs a program against a new provider that serves every dialect. `scenario` defines the provider, thresholds and
 * verdicts; calls are inferred from attempts. Throws what `runProgram` and `listen` throw.
 */
export async function runExec(scenario: Scenario, options: ExecOptions): Promise<ExecOutcome> {
  const { tool, command, env, stdout, openJournal, onListening } = options;
  const clock = wallClock();
  const redactor = createRunRedactor(scenario, env);
  redactor.learn(secretsInCommand(command));
  const redact = redactRecordsWith(redactor);
  const provider = await openProvider(scenario.provider, (key) => redactor.learn([key]));
  const attempts: AttemptRecord[] = [];
  const startedUs = clock.nowUs();
  let journal: JournalWriter | undefined;
  const servers = await listenAll(provider, clock.nowUs, (exchange) => {
    const attempt = createAttemptRecord(attempts.length + 1, exchange, startedUs, () => NOT_JOINED);
    attempts.push(attempt);
    journal?.write(redact(attempt));
  });
  try {
    const urls = new Map([...servers].map(([name, { url }]) => [name, url]));
    const environment = programEnvironment(env, (name) => urls.get(name)!, scenario.provider);
    // Calls of the program are unknown: only attempts that reached the provider are.
    const program: ProgramSource = { missing: ['caller'], variables: environment.set };
    const header = { ...createHeader(scenario, tool, startedUs, process.version), program };
    journal = openJournal();
    journal.write(header);
    onListening(urls);
    provider.start(startedUs);
    const end = await runProgram(command, environment.env, stdout);
    await closeAll(servers);
    const endRecord = createEnd(clock.nowUs() - startedUs, end);
    journal.write(endRecord);
    const inferred = inferProgramCalls(attempts, endRecord);
    return { records: [header, ...[...inferred.calls, ...inferred.attempts, endRecord].map(redact)], end };
  } finally {
    await closeAll(servers);
    journal?.close();
  }
}

const NOT_JOINED = { call: null, joinedBy: 'none' } as const;

function createEnd(endUs: number, { interrupted, exitCode }: ProgramEnd): EndRecord {
  return { type: 'end', endUs, ...(interrupted && { stopped: 'interrupted' }), exitCode };
}

async function listenAll(
  provider: Provider,
  nowUs: () => number,
  onExchange: NonNullable<Parameters<typeof listen>[1]['onExchange']>,
): Promise<Map<DialectName, ProviderServer>> {
  const servers = new Map<DialectName, ProviderServer>();
  try {
    for (const name of dialectsWith(provider.settings.dialect)) {
      servers.set(name, await listen(provider.withDialect(name), { nowUs, onExchange }));
    }
  } catch (error) {
    await closeAll(servers);
    throw error;
  }
  return servers;
}

async function closeAll(servers: ReadonlyMap<DialectName, ProviderServer>): Promise<void> {
  for (const server of servers.values()) await server.close();
}
