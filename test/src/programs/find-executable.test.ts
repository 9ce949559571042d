import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findExecutable, findExecutableProblem } from '../../../src/programs/find-executable.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-executable-'));

/** Creates a folder for the search path that contains a program. */
function createPathFolder(name: string, text: string): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'pytest'), text, { mode: 0o755 });
  return join(folder, name);
}

describe('a script on the search path whose interpreter is missing', () => {
  const broken = createPathFolder('gone', '#!/old/venv/bin/python\n');
  const working = createPathFolder('whole', '#!/bin/sh\n');

  it('is skipped, as by the system', () => {
    expect(findExecutable('pytest', folder, `${broken}:${working}`)).toBe(join(working, 'pytest'));
    expect(findExecutableProblem('pytest', folder, `${broken}:${working}`)).toBeUndefined();
  });

  it('is reported if there is no other', () => {
    expect(findExecutableProblem('pytest', folder, broken)).toBe(
      `the interpreter in the first line of ${broken}/pytest does not exist: /old/venv/bin/python`,
    );
    expect(findExecutableProblem('nonesuch', folder, broken)).toBe('is not on the PATH');
  });
});
