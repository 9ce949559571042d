/** Checks the YAML of documents with the schema and the checks of a scenario, whole files and parts of one. */
import { parse } from 'yaml';
import { checkScenario } from '../../src/analysis/check-scenario.ts';
import { findProblems } from '../../src/scenario/find-problems.ts';
import { scenarioSchema } from '../../src/scenario/schema.ts';

/** What a part of a scenario lacks. */
const REST = {
  name: 'part',
  client: { module: './client.ts' },
  load: [{ executor: 'constant-vus', vus: 1, duration: '1s' }],
};

const TOP = new Set([...Object.keys(scenarioSchema.in.shape)]);
const PROVIDER = new Set(['limits', 'faults', 'answer', 'keys', 'latency', 'retryAfter', 'headers']);

/** A fragment as a whole scenario: its keys are those of the file, or of `provider:`. */
export function wholeScenario(fragment: object): object {
  const keys = Object.keys(fragment);
  if (keys.every((key) => PROVIDER.has(key))) return { ...REST, provider: fragment };
  const { load, client: ownClient, ...rest } = REST;
  const { client, clients } = fragment as { client?: unknown; clients?: unknown };
  const definesLoad = typeof client === 'object' && client !== null && 'autocannon' in client;
  return { ...rest, ...(clients === undefined && { client: ownClient }), ...(!definesLoad && { load }), ...fragment };
}

/** Whether a document can be a scenario or a part of one. */
export function isFragment(document: unknown): document is object {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
  return Object.keys(document).every((key) => TOP.has(key) || PROVIDER.has(key));
}

/** Returns every problem of a fragment, as `quotalab validate` finds them; files that it names need not exist. */
export function problemsOf(fragment: object): string[] {
  const { problems, value } = findProblems(scenarioSchema, wholeScenario(fragment));
  const checked = value && problems.length === 0 ? checkScenario(value) : [];
  return [
    ...problems.map(
      ({ path, message, hint }) => `${path.join('.')}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
    ),
    ...checked.map(({ path, message }) => `${path}: ${message}`),
  ];
}

/** The documents of a YAML block: its first key at the start of several lines stands for alternatives. */
export function documentsIn(text: string): unknown[] {
  const first = /^(\w+):/m.exec(text)?.[1];
  const alternatives = first === undefined ? [text] : text.split(new RegExp(`^(?=${first}:)`, 'm'));
  return alternatives.map((one) => parse(one) as unknown).filter((document) => document !== null);
}
