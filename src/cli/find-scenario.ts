import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { meantName } from '../scenario/meant-name.ts';
import { packageRoot } from './package-root.ts';

/** The file that is run where nothing is named. */
const DEFAULT_FILE = 'quotalab.yaml';

/**
 * The scenario file that a command line means: a path, or the name of a scenario that comes with the package; without
 * either `quotalab.yaml`, else the article's scenario. Throws `scenario/not-found`.
 */
export function findScenario(named: string | undefined): string {
  if (named === undefined) return existsSync(DEFAULT_FILE) ? DEFAULT_FILE : bundled('article');
  if (existsSync(named)) return named;
  const names = bundledNames();
  if (names.includes(named)) return bundled(named);
  const { hint } = meantName(named, names);
  throw new QuotaLabError('scenario/not-found', `there is no file ${named}`, {
    problems: [{ path: '', message: `scenarios that come with quotalab: ${names.join(', ')}`, ...(hint && { hint }) }],
  });
}

/** Folders of `scenarios/` that hold a scenario file. */
export function bundledNames(): string[] {
  return readdirSync(join(packageRoot, 'scenarios')).filter((name) => existsSync(bundled(name)));
}

function bundled(name: string): string {
  return join(packageRoot, 'scenarios', name, 'scenario.yaml');
}
