import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { textHash } from '../../mock-server/hash.ts';
import { describeThrown } from './describe-thrown.ts';
import { parseYaml, type SourceDocument } from './document.ts';
import { findFileProblems, isFile } from './file-problems.ts';
import { findProblems } from './find-problems.ts';
import { withFixtures } from './fixtures.ts';
import { providersOf } from './fleet.ts';
import { invalidFile, invalidScenario, placeProblem } from './invalid-scenario.ts';
import { nearestPath } from './known-paths.ts';
import { limitNotes } from './limit-notes.ts';
import { type Overrides, withOverrides } from './overrides.ts';
import { parsePath, valueAt } from './path.ts';
import type { PathProblem } from './problems.ts';
import type { ClientCode, ClientSettings, GatewaySettings, Scenario } from './scenario.ts';
import { type ScenarioInput, scenarioSchema } from './schema.ts';
import { MAX_FILE_CHARS, withoutExcess } from './size-limits.ts';
import { readTextFile } from './text-file.ts';
import { warn } from './warn.ts';

const MODULE_ENDINGS = new Set(['.ts', '.mts', '.js', '.mjs']);

export interface LoadOptions {
  /** Changes of the raw document before it is parsed, by path: `load[0].vus` → `5`. */
  readonly overrides?: Overrides;
  /** Additional checks of higher layers; file and line are added to their problems. */
  readonly check?: (scenario: Scenario) => readonly Problem[];
  /** Whether to say what its limits leave unsaid; not of a scenario that nobody wrote. Default: true. */
  readonly notes?: boolean;
}

/**
 * Loads a scenario from YAML or from a module's default export. Throws `scenario/not-found`, `scenario/bad-yaml`,
 * `scenario/module-failed`, or `scenario/invalid` with every problem: file, line, path, what is allowed, and a hint.
 */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  const source = await readSource(file);
  const found = await resolveScenario(source.raw, dirname(resolve(file)), options);
  if ('problems' in found) throw invalidFile(file, source, found.problems);
  return found.scenario;
}

/**
 * Resolves a scenario that is not in a file; relative paths start at `folder`. Throws `scenario/invalid` with every
 * problem.
 */
export async function scenarioFrom(raw: ScenarioInput, folder: string, options: LoadOptions = {}): Promise<Scenario> {
  const found = await resolveScenario(raw, folder, options);
  if ('scenario' in found) return found.scenario;
  throw invalidScenario('the scenario', found.problems.map(placeProblem));
}

/** Reads a scenario file without resolving it. Returns undefined if it can no longer be read. */
export async function tryReadSource(file: string): Promise<SourceDocument | undefined> {
  return readSource(file).catch(() => undefined);
}

async function resolveScenario(
  raw: unknown,
  folder: string,
  { overrides = {}, check, notes = true }: LoadOptions,
): Promise<{ readonly scenario: Scenario } | { readonly problems: readonly PathProblem[] }> {
  const overridden = withOverrides(raw, overrides);
  const fixtures = withFixtures(overridden.document, (name) => readTextFile(resolve(folder, name)));
  const sized = withoutExcess(fixtures.document ?? {});
  const found = findProblems(scenarioSchema, sized.document, { samples: SAMPLES, nearestPath });
  const problems = [...overridden.problems, ...fixtures.problems, ...sized.problems, ...found.problems];
  if (found.value) {
    const scenario = withAbsolutePaths(found.value, folder);
    const checked = (check?.(scenario) ?? []).map((problem) => parseProblemPath(problem, sized.document));
    problems.push(...findFileProblems(scenario).filter(({ path }) => found.isNew(path, 'value')));
    problems.push(...checked.filter(({ path }) => found.isNew(path, 'check')));
    if (problems.length === 0) {
      const unsaid = notes
        ? providersOf(scenario).flatMap(({ settings }) => limitNotes(settings, scenario.call.maxTokens))
        : [];
      for (const warning of [...fixtures.warnings, ...unsaid]) warn(warning);
      return { scenario };
    }
  }
  return { problems: problems.map(fixtures.withFile).map(overridden.withFlag) };
}

/** Stand in for blocks that a file lacks, so that the others are checked. */
const SAMPLES = {
  name: 'x',
  client: { module: 'x' },
  load: [{ executor: 'constant-vus', vus: 1, duration: '1s' }],
};

/** Reads a scenario file with overrides applied and nothing resolved. Throws what `loadScenario` throws for unreadable files. */
export async function readRawScenario(file: string, overrides: Overrides = {}): Promise<unknown> {
  return withOverrides((await readSource(file)).raw, overrides).document;
}

async function readSource(file: string): Promise<SourceDocument> {
  return MODULE_ENDINGS.has(extname(file)) ? readModule(file) : parseYaml(readText(file), file);
}

function readText(file: string): string {
  try {
    const text = readTextFile(file);
    if (text.length <= MAX_FILE_CHARS) return text;
  } catch (cause) {
    throw new QuotaLabError('scenario/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
  const message = `is larger than ${MAX_FILE_CHARS / 1024} KiB, the maximum size of a scenario`;
  throw invalidFile(file, { raw: null, lineOf: () => 1 }, [{ path: [], message }]);
}

async function readModule(file: string): Promise<SourceDocument> {
  if (!isFile(file)) {
    const why = existsSync(file) ? 'it is no file' : 'there is no such file';
    throw new QuotaLabError('scenario/not-found', `cannot read ${file}: ${why}`);
  }
  const loaded = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    const problems = [{ path: '', file, message: describeThrown(cause) }];
    throw new QuotaLabError('scenario/module-failed', `${file} could not be imported`, { problems, cause });
  })) as { default?: unknown };
  const lineOf = (): undefined => undefined;
  if (loaded.default === undefined) {
    const hint = 'export default defineScenario({ … })';
    throw invalidFile(file, { raw: null, lineOf }, [{ path: [], message: 'has no default export', hint }]);
  }
  return { raw: loaded.default, lineOf };
}

/** A check knows a threshold by its place; written as a block, its expression is a key of it. */
function parseProblemPath({ path: text, message, hint }: Problem, document: unknown): PathProblem {
  const path = parsePath(text);
  const isThresholdBlock = path[0] === 'thresholds' && path.length === 3 && typeof valueAt(document, path) === 'object';
  return { path: isThresholdBlock ? [...path, 'threshold'] : path, message, hint };
}

function withAbsolutePaths(scenario: Scenario, folder: string): Scenario {
  const { client, otherClients, gateway } = scenario;
  const absolute = (settings: ClientSettings): ClientSettings => ({
    ...settings,
    code: withAbsoluteCode(settings.code, folder),
  });
  return {
    ...scenario,
    ...(gateway && { gateway: withAbsoluteConfig(gateway, folder) }),
    client: absolute(client),
    ...(otherClients && {
      otherClients: otherClients.map(({ name, settings }) => ({ name, settings: absolute(settings) })),
    }),
    load: scenario.load.map((one) => (one.executor === 'trace' ? { ...one, path: resolve(folder, one.file) } : one)),
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
