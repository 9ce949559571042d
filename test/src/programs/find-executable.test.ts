import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { executableFault, findExecutable } from '../../../src/programs/find-executable.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-executable-'));

/** A place of the search path with a program in it. */
function place(name: string, text: string): string {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'pytest'), text, { mode: 0o755 });
  return join(folder, name);
}

describe('a script on the search path whose interpreter is gone', () => {
  const gone = place('gone', '#!/old/venv/bin/python\n');
  const whole = place('whole', '#!/bin/sh\n');

  it('is passed over, as the system does', () => {
    expect(findExecutable('pytest', folder, `${gone}:${whole}`)).toBe(join(whole, 'pytest'));
    expect(executableFault('pytest', folder, `${gone}:${whole}`)).toBeUndefined();
  });

  it('is told of where there is no other', () => {
    expect(executableFault('pytest', folder, gone)).toBe(
      `the first line of ${gone}/pytest asks for /old/venv/bin/python, which is not there`,
    );
    expect(executableFault('nonesuch', folder, gone)).toBe('is not on the PATH');
  });
});
