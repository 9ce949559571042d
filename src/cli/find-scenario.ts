import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { meantName } from '../scenario/meant-name.ts';
import { packageRoot } from './package-root.ts';

/** The file that is run where nothing is named. */
const DEFAULT_FILE = 'quotalab.yaml';

/**
 * The scenario file that a command line means: a path, or the name of a scenario that comes with the package
 * (`article`, `article-nginx/with-429`); without either `quotalab.yaml`, else the article's scenario. Throws
 * `scenario/not-found`.
 */
export function findScenario(named: string | undefined): string {
  if (named === undefined) return existsSync(DEFAULT_FILE) ? DEFAULT_FILE : bundled('article');
  if (existsSync(named)) return named;
  const names = bundledNames();
  const found = [bundled(named), bundled(dirname(named), basename(named))].find((file) => existsSync(file));
  if (found !== undefined && !isAbsolute(named)) return found;
  const { hint } = meantName(named, names);
  throw new QuotaLabError('scenario/not-found', `there is no file ${named}`, {
    problems: [{ path: '', message: `scenarios that come with quotalab: ${names.join(', ')}`, ...(hint && { hint }) }],
  });
}

/** Folders of `scenarios/` that hold a scenario file. */
export function bundledNames(): string[] {
  return readdirSync(join(packageRoot, 'scenarios')).filter((name) => existsSync(bundled(name)));
}

/** `article-nginx`, or another file of that folder: `article-nginx/with-429`. */
function bundled(folder: string, file = 'scenario'): string {
  return join(packageRoot, 'scenarios', folder, `${file}.yaml`);
}
