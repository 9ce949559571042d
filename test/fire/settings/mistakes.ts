import { isWithin, type Path, valueAt } from '../../../src/scenario/path.ts';
import { type Draws, misspell } from './draws.ts';
import { allNodes, type Node, type Placed, toValue } from './node.ts';

type Container = Record<string | number, unknown>;

/** One wrong setting, and where a report must name it. */
export interface Mistake {
  readonly kind:
    | 'unknown-key'
    | 'misspelt-key'
    | 'wrong-value'
    | 'wrong-block'
    | 'missing-key'
    | 'doubled-name'
    | 'misspelt-path';
  /** Where it stands in the written file, and what was done there. */
  readonly path: Path;
  readonly what: string;
  /** Where it stood before its key was misspelt. */
  readonly was?: Path;
}

export interface WrongScenario {
  readonly document: unknown;
  readonly mistakes: readonly Mistake[];
}

/** Keys that say which form a block has. */
const FORMS = ['executor', 'algorithm', 'kind'];

/** Makes up to `count` mistakes in a right scenario, none of which is in the same setting as another. */
export function makeMistakes(draws: Draws, right: Node, count: number): WrongScenario {
  const document = toValue(right);
  const nodes = allNodes(right);
  const mistakes: Mistake[] = [];
  for (let tries = 0; mistakes.length < count && tries < 50; tries++) {
    const made = makeMistake(draws, document, nodes, (path) => isFree(path, mistakes));
    if (made) mistakes.push(made);
  }
  return { document, mistakes };
}

/**
 * Two mistakes at one key of a block are none to be told apart; a block that is no block any more has no keys; and one whose
 * form is wrong may be of another, in which its values are right.
 */
function isFree(path: Path, mistakes: readonly Mistake[]): boolean {
  const isForm = (one: Path): boolean => FORMS.includes(String(one.at(-1)));
  const block = (one: Path): Path => one.slice(0, -1);
  if (mistakes.some((made) => isForm(made.was ?? made.path) && isWithin(path, block(made.path)))) return false;
  if (isForm(path) && mistakes.some((made) => isWithin(made.path, block(path)))) return false;
  return !mistakes
    .flatMap((made) => (made.was ? [made.path, made.was] : [made.path]))
    .some((made) => isWithin(path, made) || isWithin(made, path));
}

function makeMistake(
  draws: Draws,
  document: unknown,
  nodes: readonly Placed[],
  free: (path: Path) => boolean,
): Mistake | undefined {
  const lists = nodes.filter((one) => one.node.kind === 'list' && one.path.at(-1) === 'limits');
  const { path, node } = draws.pick(lists.length > 0 && draws.chance(0.1) ? lists : nodes);
  const container = (at: Path): Container => valueAt(document, at) as Container;
  if (!free(path)) return undefined;
  if (node.kind === 'leaf') {
    const value = draws.pick(node.wrong);
    container(path.slice(0, -1))[path.at(-1)!] = structuredClone(value);
    return { kind: 'wrong-value', path, what: JSON.stringify(value) };
  }
  if (path.length > 0 && draws.chance(0.15)) {
    container(path.slice(0, -1))[path.at(-1)!] = 7;
    return { kind: 'wrong-block', path, what: '7' };
  }
  if (node.kind === 'list') return doubleName(document, path, free);
  return node.isOpen ? undefined : mistakeInKeys(draws, container(path), { path, node }, free);
}

function mistakeInKeys(
  draws: Draws,
  block: Container,
  { path, node }: { readonly path: Path; readonly node: Extract<Node, { kind: 'block' }> },
  free: (path: Path) => boolean,
): Mistake | undefined {
  const keys = Object.keys(node.keys).filter((key) => free([...path, key]));
  const key = keys.length === 0 ? undefined : draws.pick(keys);
  if (draws.chance(0.4) || key === undefined) {
    const unknown = draws.pick(['nonsense', 'wibble_wobble']);
    if (Object.hasOwn(block, unknown)) return undefined;
    block[unknown] = 1;
    return { kind: 'unknown-key', path: [...path, unknown], what: 'added' };
  }
  if (node.required.includes(key) && draws.chance(0.5)) {
    delete block[key];
    return { kind: 'missing-key', path: [...path, key], what: 'removed' };
  }
  const wrong = misspell(draws, key);
  if (key.length < 4 || Object.hasOwn(block, wrong)) return undefined;
  block[wrong] = block[key];
  delete block[key];
  return { kind: 'misspelt-key', path: [...path, wrong], was: [...path, key], what: `was ${key}` };
}

/** Gives an entry the name of the one before it, where both are blocks with names. */
function doubleName(document: unknown, path: Path, free: (path: Path) => boolean): Mistake | undefined {
  const entries = valueAt(document, path) as readonly { name?: string }[];
  const index = entries.findIndex((entry, at) => at > 0 && hasName(entry) && hasName(entries[at - 1]));
  const named = [...path, index, 'name'];
  if (path.at(-1) !== 'limits' || index < 1 || !free([...path, index]) || !free([...path, index - 1])) return undefined;
  (entries[index] as { name: string }).name = entries[index - 1]!.name!;
  return { kind: 'doubled-name', path: named, what: 'as before' };
}

const hasName = (entry: unknown): boolean => typeof (entry as { name?: unknown } | null | undefined)?.name === 'string';
