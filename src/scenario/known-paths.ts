import { distance } from 'fastest-levenshtein';
import { scenarioJsonSchema } from './json-schema.ts';
import { formatPath, type Path, parsePath } from './path.ts';

/** The parts of a JSON schema that say which keys there are. */
interface Schema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema | readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const MAX_DEPTH = 7;
/** Letters in which a path may differ from the nearest right one. */
const MAX_DIFFERENCE = 3;

let root: Schema | undefined;

/**
 * Returns the right path of a scenario that is nearest to a wrong one, as text: with the same keys (`load.rate` →
 * `load[0].rate`), else that ends with all of its keys (`retries.max` → `client.retries.max`) or with the last, else spelt
 * alike; undefined if none is near. Entries of lists are those of `document`.
 */
export function nearestPath(document: unknown, wrong: string): string | undefined {
  const keys = keysIn(parsePath(wrong));
  const last = keys.at(-1);
  if (last === undefined) return undefined;
  const known = knownPaths(document);
  const same = known.find((path) => keysIn(path).join('.') === keys.join('.'));
  if (same) return formatPath(same);
  const alike = (paths: readonly Path[]): string | undefined =>
    paths
      .map(formatPath)
      .map((text) => ({ text, differs: distance(text.toLowerCase(), wrong.toLowerCase()) }))
      .sort((a, b) => a.differs - b.differs)[0]?.text;
  const ending = known.filter((path) => keysIn(path).slice(-keys.length).join('.') === keys.join('.'));
  const sameLast = keys[0] === known.find(([first]) => first === keys[0])?.[0] ? inBlock(known, keys[0]!) : known;
  const elsewhere = alike(ending) ?? alike(sameLast.filter((path) => path.at(-1) === last));
  if (elsewhere !== undefined) return elsewhere;
  const nearest = alike(known);
  if (nearest === undefined) return undefined;
  return distance(nearest.toLowerCase(), wrong.toLowerCase()) <= MAX_DIFFERENCE ? nearest : undefined;
}

const inBlock = (paths: readonly Path[], block: string): Path[] => paths.filter(([first]) => first === block);

const keysIn = (path: Path): string[] => path.filter((step) => typeof step === 'string');

/** Every path that the format knows, with the indices of the lists in `document`. */
function knownPaths(document: unknown): Path[] {
  root ??= scenarioJsonSchema() as Schema;
  return pathsIn(root, document, []);
}

function pathsIn(schema: Schema, value: unknown, path: Path): Path[] {
  if (path.length > MAX_DEPTH) return [];
  const here = branchesFor(schema, value).flatMap((branch) => pathsInBranch(branch, value, path));
  return [...new Map(here.map((one) => [formatPath(one), one])).values()];
}

function pathsInBranch(branch: Schema, value: unknown, path: Path): Path[] {
  if (Array.isArray(value)) {
    const { items } = branch;
    return value.flatMap((item, index) => {
      const schema = Array.isArray(items) ? (items[index] as Schema | undefined) : (items as Schema | undefined);
      const at = [...path, index];
      return schema ? [at, ...pathsIn(schema, item, at)] : [];
    });
  }
  const { properties = {}, additionalProperties } = branch;
  const inner = (key: string, schema: Schema): Path[] => {
    const at = [...path, key];
    return [at, ...pathsIn(schema, (value as Record<string, unknown> | null | undefined)?.[key], at)];
  };
  const named = Object.entries(properties).flatMap(([key, schema]) => inner(key, schema));
  if (typeof additionalProperties !== 'object' || typeof value !== 'object' || value === null) return named;
  const others = Object.keys(value).filter((key) => !(key in properties));
  return [...named, ...others.flatMap((key) => inner(key, additionalProperties))];
}

/** The branches of a schema that the value may be meant for. */
function branchesFor(schema: Schema, value: unknown): Schema[] {
  const { $ref, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return branchesFor(definitionAt($ref), value);
  const parts = anyOf ?? oneOf ?? allOf;
  const inner = (parts ?? []).flatMap((part) => branchesFor(part, value));
  return parts && !schema.properties ? inner : [schema, ...inner].filter((branch) => suits(branch, value));
}

/** Whether the value has the type of the branch, and the name that tells it from others: `executor: constant-vus`. */
function suits({ type, properties = {} }: Schema, value: unknown): boolean {
  if (value === undefined || type === undefined) return true;
  if (type === 'array') return Array.isArray(value);
  if (type !== 'object') return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(properties).every(([key, property]) => {
    const forms = branchesFor(property, undefined);
    const given = (value as Record<string, unknown>)[key];
    const [name, ...others] = forms.map((form) => form.const);
    return typeof name !== 'string' || others.length > 0 || given === undefined || given === name;
  });
}

function definitionAt(ref: string): Schema {
  const name = ref.slice('#/definitions/'.length);
  return root?.definitions?.[name] ?? {};
}
