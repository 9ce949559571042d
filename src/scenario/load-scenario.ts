import { existsSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { textHash } from '../../mock-server/hash.ts';
import { findExecutableProblem, withServerFolders } from '../programs/find-executable.ts';
import { findPreloadProblem } from '../programs/preload-problem.ts';
import { parseYaml, type SourceDocument } from './document.ts';
import { withFixtures } from './fixtures.ts';
import { templateProblem } from './gateway-schema.ts';
import { withOverrides } from './overrides.ts';
import { formatPath, parsePath } from './path.ts';
import { type PathProblem, problemsOf } from './problems.ts';
import type { ClientCode, GatewaySettings, Scenario } from './scenario.ts';
import { type ScenarioInput, scenarioSchema } from './schema.ts';

const MODULE_ENDINGS = new Set(['.ts', '.mts', '.js', '.mjs']);

export interface LoadOptions {
  /** Values set in the raw document before it is parsed, by path: `load[0].vus` → `5`. */
  readonly overrides?: Readonly<Record<string, string>>;
  /** Additional checks of higher layers; file and line are added to their problems. */
  readonly check?: (scenario: Scenario) => readonly Problem[];
}

/**
 * Loads a scenario from YAML or from a module's default export. Throws `scenario/not-found`, `scenario/bad-yaml`,
 * `scenario/module-failed`, or `scenario/invalid` with every problem: file, line, path, what is allowed, and a hint.
 */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  const source = await readSource(file);
  const found = await resolveScenario(source.raw, dirname(resolve(file)), options);
  if ('problems' in found) throw invalid(file, source, found.problems);
  return found.scenario;
}

/**
 * Resolves a scenario that is not in a file; relative paths start at `folder`. Throws `scenario/invalid` with every
 * problem.
 */
export async function scenarioFrom(raw: ScenarioInput, folder: string, options: LoadOptions = {}): Promise<Scenario> {
  const found = await resolveScenario(raw, folder, options);
  if ('scenario' in found) return found.scenario;
  const problems = found.problems.map(({ path, ...rest }): Problem => ({ path: formatPath(path), ...rest }));
  throw new QuotaLabError('scenario/invalid', `the scenario has ${countProblems(problems)}`, { problems });
}

/** Reads a scenario file without resolving it. Returns undefined if it can no longer be read. */
export async function tryReadSource(file: string): Promise<SourceDocument | undefined> {
  return readSource(file).catch(() => undefined);
}

async function resolveScenario(
  raw: unknown,
  folder: string,
  { overrides = {}, check }: LoadOptions,
): Promise<{ readonly scenario: Scenario } | { readonly problems: readonly PathProblem[] }> {
  const overridden = withOverrides(raw, overrides);
  const { document, problems: fixtureProblems } = await withFixtures(overridden.document, (name) =>
    readFile(resolve(folder, name), 'utf8'),
  );
  const problems = [...overridden.problems, ...fixtureProblems];
  const parsed = scenarioSchema.safeParse(document ?? {});
  if (!parsed.success) return { problems: [...problems, ...problemsOf(parsed.error, document)] };
  const scenario = withAbsolutePaths(parsed.data, folder);
  problems.push(
    ...findCodeProblems(scenario),
    ...findGatewayProblems(scenario),
    ...(check?.(scenario) ?? []).map(parseProblemPath),
  );
  return problems.length > 0 ? { problems } : { scenario };
}

/** Reads a scenario file with overrides applied and nothing resolved. Throws what `loadScenario` throws for unreadable files. */
export async function readRawScenario(file: string, overrides: LoadOptions['overrides'] = {}): Promise<unknown> {
  return withOverrides((await readSource(file)).raw, overrides).document;
}

async function readSource(file: string): Promise<SourceDocument> {
  return MODULE_ENDINGS.has(extname(file)) ? readModule(file) : parseYaml(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new QuotaLabError('scenario/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

async function readModule(file: string): Promise<SourceDocument> {
  if (!existsSync(file)) throw new QuotaLabError('scenario/not-found', `cannot read ${file}: there is no such file`);
  const loaded = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    const problems = [{ path: '', file, message }];
    throw new QuotaLabError('scenario/module-failed', `${file} could not be imported`, { problems, cause });
  })) as { default?: unknown };
  const lineOf = (): undefined => undefined;
  if (loaded.default === undefined) {
    const hint = 'export default defineScenario({ … })';
    throw invalid(file, { raw: null, lineOf }, [{ path: [], message: 'has no default export', hint }]);
  }
  return { raw: loaded.default, lineOf };
}

function invalid(file: string, source: SourceDocument, found: readonly PathProblem[]): QuotaLabError {
  const problems = found.map(
    ({ path, ...rest }): Problem => ({ path: formatPath(path), file, line: source.lineOf(path), ...rest }),
  );
  return new QuotaLabError('scenario/invalid', `${file} has ${countProblems(problems)}`, { problems });
}

function countProblems({ length }: readonly unknown[]): string {
  return length === 1 ? 'one problem' : `${length} problems`;
}

function parseProblemPath({ path, message, hint }: Problem): PathProblem {
  return { path: parsePath(path), message, hint };
}

function withAbsolutePaths(scenario: Scenario, folder: string): Scenario {
  const { client, gateway } = scenario;
  return {
    ...scenario,
    ...(gateway && { gateway: withAbsoluteConfig(gateway, folder) }),
    client: { ...client, code: withAbsoluteCode(client.code, folder) },
  };
}

function withAbsoluteCode(code: ClientCode, folder: string): ClientCode {
  if (code.kind === 'none' || code.kind === 'autocannon') return code;
  return code.kind === 'module'
    ? { ...code, module: resolve(folder, code.module) }
    : { ...code, folder: resolve(folder) };
}

function withAbsoluteConfig(gateway: GatewaySettings, folder: string): GatewaySettings {
  const { config } = gateway;
  return {
    ...gateway,
    folder: resolve(folder),
    ...(config && { config: withHash({ ...config, file: resolve(folder, config.written) }) }),
  };
}

/** Adds the hash of the template. An unreadable file gets none: `findGatewayProblems` reports it. */
function withHash(config: NonNullable<GatewaySettings['config']>): typeof config {
  return isFile(config.file) ? { ...config, hash: textHash(readFileSync(config.file, 'utf8')) } : config;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** Finds missing or unusable files of the gateway. */
function findGatewayProblems({ gateway }: Scenario): PathProblem[] {
  if (!gateway) return [];
  const { command, config, folder } = gateway;
  const [program] = command as [string];
  const problem = findExecutableProblem(program, folder, withServerFolders(process.env.PATH));
  const problems: PathProblem[] = [];
  if (problem !== undefined) {
    problems.push({ path: ['gateway', 'command', 0], message: `${program} cannot be started: ${problem}` });
  }
  if (!config) return problems;
  const configProblem = isFile(config.file)
    ? templateProblem(readFileSync(config.file, 'utf8'), command)
    : { message: `there is no file ${config.file}` };
  return configProblem ? [...problems, { path: ['gateway', 'config'], ...configProblem }] : problems;
}

/** Finds missing or unusable files of the client. */
function findCodeProblems({ client: { code }, time }: Scenario): PathProblem[] {
  if (code.kind === 'module' && !existsSync(code.module)) {
    return [{ path: ['client', 'module'], message: `there is no file ${code.module}` }];
  }
  if (code.kind !== 'command') return [];
  const [program] = code.command;
  const path = ['client', 'command', 0];
  const problem = findExecutableProblem(program!, code.folder);
  if (problem !== undefined) return [{ path, message: `${program} cannot be started: ${problem}` }];
  const preloadProblem = time === 'scaled' ? findPreloadProblem(program!, code.folder) : undefined;
  if (preloadProblem === undefined) return [];
  return [{ path, message: `cannot run in scaled time: ${preloadProblem}`, hint: 'use time: wall' }];
}
