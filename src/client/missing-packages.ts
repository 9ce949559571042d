import { readdirSync, readFileSync } from 'node:fs';
import { findPackageJSON, isBuiltin } from 'node:module';
import { basename, dirname, extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { QuotaLabError } from '../../mock-server/error.ts';

/** Matches imports of packages, static and dynamic, but not `import type`, relative or `node:` imports. */
const PACKAGE_IMPORT =
  /^(?:import|export) (?!type )[^;]*?from '((?:@[\w.-]+\/)?[\w-][\w.-]*)[^':]*'|\bimport\('((?:@[\w.-]+\/)?[\w-][\w.-]*)[^':]*'\)/gm;

interface PackageJson {
  readonly name?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/**
 * Checks that every package that a bundled scenario's client imports is installed. A client may choose what it imports
 * during the run, so all files beside it are read. Clients of other packages are not checked: a missing package fails at import.
 * Throws `client/missing-packages` with the command that installs them all.
 */
export function ensurePackages(module: string): void {
  const packageFile = findPackageJSON('.', pathToFileURL(module));
  // Node returns the folder of the module if no package contains it.
  if (packageFile === undefined || basename(packageFile) !== 'package.json') return;
  const own = JSON.parse(readFileSync(packageFile, 'utf8')) as PackageJson;
  const isBundled = own.name === 'quotalab' && relative(dirname(packageFile), module).startsWith('scenarios');
  if (!isBundled) return;
  const missing = [...new Set(sourcesIn(dirname(module)).flatMap(importedPackages))]
    .filter((name) => name !== own.name && !isBuiltin(name) && !isInstalled(name, module))
    .sort();
  if (missing.length === 0) return;
  const packages = missing.map((name) => withMajor(name, own.devDependencies?.[name])).join(' ');
  const message = `the client needs ${missing.length === 1 ? 'a package that is' : 'packages that are'} not installed: ${missing.join(', ')}`;
  throw new QuotaLabError('client/missing-packages', message, {
    problems: [{ path: 'client.module', message: `imports ${missing.join(', ')}`, hint: `npm install ${packages}` }],
  });
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => extname(name) === '.ts')
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function importedPackages(source: string): string[] {
  return [...source.matchAll(PACKAGE_IMPORT)].map(([, fixed, dynamic]) => fixed ?? dynamic!);
}

function isInstalled(name: string, module: string): boolean {
  try {
    return findPackageJSON(name, pathToFileURL(module)) !== undefined;
  } catch {
    return false;
  }
}

/** On an old Node, npm picks old majors unless the command names one. */
function withMajor(name: string, range = ''): string {
  const [major] = /\d+/.exec(range) ?? [];
  return major === undefined ? name : `${name}@${major}`;
}
