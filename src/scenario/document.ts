import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Path } from './path.ts';

/** A raw scenario with the line numbers of its parts. */
export interface SourceDocument {
  readonly raw: unknown;
  /** 1-based line of a path, or of its nearest existing parent; undefined if the source has no lines. */
  lineOf(path: Path): number | undefined;
}

/** Parses YAML. Throws `scenario/bad-yaml` with every syntax error. */
export function parseYaml(text: string, file: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => ({
      path: '',
      file,
      line: lines.linePos(pos[0]).line,
      message,
    }));
    throw new QuotaLabError('scenario/bad-yaml', `${file} is not valid YAML`, { problems });
  }
  return { raw: document.toJS(), lineOf: (path) => lineIn(document, lines, path) };
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
