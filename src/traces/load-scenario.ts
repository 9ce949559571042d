import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { formatDuration } from '../../mock-server/duration.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Executor, ExecutorOf } from '../load/executors.ts';
import { findLoadProblems } from '../load/load-problems.ts';
import { windowLengthUs, windowOf } from '../load/trace-schedule.ts';
import type { TraceTable } from '../load/trace-table.ts';
import { clientsOf } from '../scenario/fleet.ts';
import * as bare from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { readTrace } from './read-trace.ts';

/** Loads a scenario, and the traces that its load plays. Throws what the `loadScenario` of `scenario/` throws, and what `readTrace` throws. */
export async function loadScenario(file: string, options: bare.LoadOptions = {}): Promise<Scenario> {
  return withTraces(await bare.loadScenario(file, options));
}

/** Resolves a scenario that is not in a file, and loads the traces that its load plays, as `loadScenario` does. */
export async function scenarioFrom(
  raw: ScenarioInput,
  folder: string,
  options: bare.LoadOptions = {},
): Promise<Scenario> {
  return withTraces(await bare.scenarioFrom(raw, folder, options));
}

type Trace = ExecutorOf<'trace'>;

async function withTraces(scenario: Scenario): Promise<Scenario> {
  if (!scenario.load.some(({ executor }) => executor === 'trace')) return scenario;
  const load: Executor[] = [];
  for (const [index, executor] of scenario.load.entries()) {
    load.push(executor.executor === 'trace' ? await withArrivals(executor, `load[${index}]`, scenario) : executor);
  }
  return { ...scenario, load };
}

async function withArrivals(trace: Trace, path: string, scenario: Scenario): Promise<Trace> {
  const { table, hash } = await readOnce(trace.path ?? trace.file, trace.columns);
  checkClients(table, path, scenario);
  const { first, end } = windowOf(table, trace);
  if (end <= first) {
    const length = formatDuration(table.atUs[table.rows - 1]!);
    const message = `has no arrival: the last one of ${trace.file} is ${length} after its first`;
    throw invalid({ path: `${path}.from`, message, hint: 'choose from and to within the trace, or leave them out' });
  }
  const whole = { ...trace, rows: end - first, lengthUs: windowLengthUs(table, trace), hash, table };
  const [problem] = findLoadProblems(whole);
  if (problem) throw invalid({ path: `${path}.${problem.key}`, message: problem.message });
  return whole;
}

/** Of several clients, those that the trace names have to be there; a single one makes all calls. */
function checkClients(table: TraceTable, path: string, scenario: Scenario): void {
  if (!scenario.otherClients) return;
  const names = clientsOf(scenario).map(({ name }) => name);
  const unknown = table.client.names.filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const message = `names ${unknown.slice(0, 5).join(', ')}, which clients does not have`;
  throw invalid({ path: `${path}.file`, message, hint: `clients: ${names.join(', ')}` });
}

function invalid(problem: QuotaLabError['problems'][number]): QuotaLabError {
  return new QuotaLabError('scenario/invalid', 'the scenario has one problem', { problems: [problem] });
}

interface ReadTable {
  readonly table: TraceTable;
  /** Short hash of the arrivals, by which two runs tell whether they played the same. */
  readonly hash: string;
}

/** Traces that were read before: searches load a scenario many times. */
const tables = new Map<string, Promise<ReadTable>>();
const MAX_TABLES = 4;

function readOnce(path: string, columns: Trace['columns']): Promise<ReadTable> {
  const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const key = JSON.stringify([path, mtimeMs, size, columns]);
  const known = tables.get(key);
  if (known) return known;
  if (tables.size >= MAX_TABLES) tables.delete(tables.keys().next().value!);
  const read = readTrace(path, columns).then((table) => ({ table, hash: hashOf(table) }));
  tables.set(key, read);
  return read;
}

function hashOf({ atUs, promptTokens, completionTokens, stream, ...names }: TraceTable): string {
  const hash = createHash('sha256');
  for (const column of [atUs, promptTokens, completionTokens, stream]) hash.update(bytesOf(column));
  for (const name of [names.model, names.client, names.kind, names.conversation]) {
    hash.update(JSON.stringify(name.names)).update(bytesOf(name.codes));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A copy: what threads share cannot be hashed. */
const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Int32Array | Int8Array): Buffer =>
  Buffer.from(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
