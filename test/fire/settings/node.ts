import type { Path } from '../../../src/scenario/path.ts';

/** A right setting of which wrong ones are known. */
export type Node =
  | { readonly kind: 'leaf'; readonly value: unknown; readonly wrong: readonly unknown[] }
  | {
      readonly kind: 'block';
      readonly keys: Readonly<Record<string, Node>>;
      readonly required: readonly string[];
      /** Whether any key is right, as in `env`. */
      readonly isOpen: boolean;
    }
  | { readonly kind: 'list'; readonly items: readonly Node[] };

/** A node and where it stands. */
export interface Placed {
  readonly path: Path;
  readonly node: Node;
}

export const leaf = (value: unknown, ...wrong: unknown[]): Node => ({ kind: 'leaf', value, wrong });

export const list = (...items: Node[]): Node => ({ kind: 'list', items });

/** A block; keys without a node are left out. */
export function block(keys: Readonly<Record<string, Node | undefined>>, ...required: string[]): Node {
  const set = Object.entries(keys).filter((entry): entry is [string, Node] => entry[1] !== undefined);
  return { kind: 'block', keys: Object.fromEntries(set), required, isOpen: false };
}

export function openBlock(keys: Readonly<Record<string, Node>>): Node {
  return { kind: 'block', keys, required: [], isOpen: true };
}

/** Returns the setting as a scenario has it. */
export function toValue(node: Node): unknown {
  switch (node.kind) {
    case 'leaf':
      return structuredClone(node.value);
    case 'list':
      return node.items.map(toValue);
    case 'block':
      return Object.fromEntries(Object.entries(node.keys).map(([key, inner]) => [key, toValue(inner)]));
  }
}

/** Returns a node and all below it. */
export function allNodes(node: Node, path: Path = []): Placed[] {
  const below =
    node.kind === 'leaf'
      ? []
      : node.kind === 'list'
        ? node.items.flatMap((item, index) => allNodes(item, [...path, index]))
        : Object.entries(node.keys).flatMap(([key, inner]) => allNodes(inner, [...path, key]));
  return [{ path, node }, ...below];
}
