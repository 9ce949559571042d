import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** What a tsconfig.json says of imports that are not relative; folders are absolute. */
interface ImportPaths {
  readonly baseFolder?: string;
  /** Where the targets of `paths` are relative to. */
  readonly pathsFolder?: string;
  readonly paths?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Returns the files, perhaps without their ending, that `specifier` means by the nearest tsconfig.json above `folder`: by its
 * `paths`, then its `baseUrl` (https://www.typescriptlang.org/tsconfig/#paths). Empty without one, or if it cannot be read.
 */
export function tsconfigTargets(specifier: string, folder: string): string[] {
  const { baseFolder, pathsFolder, paths = {} } = nearestPaths(folder);
  const [pattern, star] = bestPattern(Object.keys(paths), specifier);
  const named = pattern === undefined ? [] : paths[pattern]!.map((target) => target.replace('*', () => star));
  return [
    ...named.map((target) => resolve(baseFolder ?? pathsFolder!, target)),
    ...(baseFolder === undefined ? [] : [join(baseFolder, specifier)]),
  ];
}

/** Returns the pattern and what its star stands for: a name without a star first, then the longest text before a star. */
function bestPattern(patterns: readonly string[], specifier: string): [pattern: string | undefined, star: string] {
  if (patterns.includes(specifier)) return [specifier, ''];
  const [best] = patterns
    .filter((pattern) => {
      const [before, after] = pattern.split('*') as [string, string?];
      const isLongEnough = specifier.length >= pattern.length - 1;
      return after !== undefined && isLongEnough && specifier.startsWith(before) && specifier.endsWith(after);
    })
    .sort((a, b) => b.indexOf('*') - a.indexOf('*'));
  if (best === undefined) return [undefined, ''];
  const at = best.indexOf('*');
  return [best, specifier.slice(at, specifier.length - (best.length - at - 1))];
}

function nearestPaths(folder: string): ImportPaths {
  for (let at = folder; ; at = dirname(at)) {
    const file = ['tsconfig.json', 'jsconfig.json'].map((name) => join(at, name)).find(existsSync);
    if (file !== undefined) return readPaths(file, []);
    if (dirname(at) === at) return {};
  }
}

function readPaths(file: string, seen: readonly string[]): ImportPaths {
  const { extends: base = [], compilerOptions } = readConfig(file);
  const folder = dirname(file);
  const bases = [base].flat().map((name) => findBase(name, file));
  const inherited = bases
    .filter((found) => found !== undefined && !seen.includes(found))
    .map((found) => readPaths(found!, [...seen, file]));
  const { baseUrl, paths } = compilerOptions ?? {};
  return {
    ...Object.assign({}, ...inherited),
    ...(baseUrl !== undefined && { baseFolder: resolve(folder, baseUrl) }),
    ...(paths !== undefined && { paths, pathsFolder: folder }),
  };
}

function findBase(name: string, file: string): string | undefined {
  if (/^\.{0,2}\//.test(name)) {
    const path = resolve(dirname(file), name);
    return [path, `${path}.json`].find(existsSync);
  }
  try {
    return createRequire(file).resolve(name.endsWith('.json') ? name : `${name}/tsconfig.json`);
  } catch {
    return undefined;
  }
}

interface Config {
  readonly extends?: string | readonly string[];
  readonly compilerOptions?: { readonly baseUrl?: string; readonly paths?: Record<string, string[]> };
}

/** Reads JSON with comments and trailing commas. A file that cannot be read says nothing: it is not QuotaLab's to check. */
function readConfig(file: string): Config {
  try {
    const text = readFileSync(file, 'utf8');
    const withoutComments = text.replace(/"(?:\\.|[^"\\])*"|\/\/.*|\/\*[\s\S]*?\*\//g, (part) =>
      part.startsWith('"') ? part : '',
    );
    const plain = withoutComments.replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (part) => (part === ',' ? '' : part));
    return JSON.parse(plain) as Config;
  } catch {
    return {};
  }
}
