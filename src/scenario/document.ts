import { type Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { Path } from './path.ts';

/** A raw scenario with the line numbers of its parts. */
export interface SourceDocument {
  readonly raw: unknown;
  /** 1-based line of a path, or of its nearest existing parent; undefined if the source has no lines. */
  lineOf(path: Path): number | undefined;
}

/**
 * Parses YAML. Throws `scenario/bad-yaml` with every syntax error, and for a document that has no end once its aliases are
 * replaced, or is too deep or too large.
 */
export function parseYaml(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const { document, raw } = withoutCrash(file, () => {
    const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    return { document: parsed, raw: parsed.errors.length > 0 ? undefined : parsed.toJS() };
  });
  const problems = document.errors.map(({ message, pos }) => ({
    path: '',
    file,
    line: lines.linePos(pos[0]).line,
    message,
  }));
  if (problems.length > 0) throw badYaml(file, problems);
  if (isCyclic(raw))
    throw badYaml(file, [{ path: '', file, message: 'an alias refers to the value that it is a part of' }]);
  return { raw, lineOf: (path) => lineIn(document, lines, path) };
}

/** Parses YAML within a flag. Throws an `Error` for what `parseYaml` refuses. */
export function parseYamlValue(text: string): unknown {
  const value: unknown = parse(text);
  if (isCyclic(value)) throw new Error('an alias refers to the value that it is a part of');
  return value;
}

/** The parser throws for aliases that multiply, and by running out of stack. */
function withoutCrash<Value>(file: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    const message = cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message;
    throw badYaml(file, [{ path: '', file, message }]);
  }
}

function badYaml(file: string, problems: readonly Problem[]): QuotaLabError {
  return new QuotaLabError('scenario/bad-yaml', `${file} is not valid YAML`, { problems });
}

function isCyclic(value: unknown, parents = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (parents.has(value)) return true;
  parents.add(value);
  const found = Object.values(value).some((inner) => isCyclic(inner, parents));
  parents.delete(value);
  return found;
}

function lineIn(document: Document.Parsed, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** Offset of the node at a path; for a map entry, of its key, which is where a reader looks. */
function offsetOf(document: Document.Parsed, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const step = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && key.value === step);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
