import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { packageRoot } from '../experiment/package-root.ts';
import { unknownName } from '../scenario/suggest-name.ts';

/** The files to run if none is named; the first that is there. */
const DEFAULT_FILES = ['quotalab.yaml', 'quotalab.yml', 'quotalab.ts'];

/** Returns the scenario of the working folder, if it has one: `quotalab.yaml`, `quotalab.yml` or `quotalab.ts`. */
export function scenarioHere(): string | undefined {
  return DEFAULT_FILES.find((file) => existsSync(file));
}

/**
 * Returns the scenario file for a command-line argument: a path, or the name of a bundled scenario (`article`,
 * `article-nginx/with-429`). Without an argument: the one of the working folder. Throws `scenario/not-found`.
 */
export function findScenario(name: string | undefined): string {
  if (name === undefined) return scenarioHere() ?? failWithout();
  if (existsSync(name)) return name;
  const names = bundledNames();
  const found = [bundledPath(name), bundledPath(dirname(name), basename(name))].find((file) => existsSync(file));
  if (found !== undefined && !isAbsolute(name)) return found;
  throw new QuotaLabError('scenario/not-found', `there is no file ${name}`, {
    problems: [
      {
        path: '',
        ...unknownName('is no bundled scenario either', name, { allowed: names, list: 'there are' }),
      },
    ],
  });
}

function failWithout(): never {
  const problems = [
    {
      path: '',
      message: 'name a scenario, or write one',
      hint: 'quotalab init writes one; quotalab run article runs a bundled one',
    },
  ];
  throw new QuotaLabError('scenario/not-found', 'there is no quotalab.yaml in this folder', { problems });
}

/** Folders of `scenarios/` that contain a scenario file. */
export function bundledNames(): string[] {
  return readdirSync(join(packageRoot, 'scenarios')).filter((name) => existsSync(bundledPath(name)));
}

/** `article-nginx`, or another file of that folder: `article-nginx/with-429`. */
function bundledPath(folder: string, file = 'scenario'): string {
  return join(packageRoot, 'scenarios', folder, `${file}.yaml`);
}
