import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { quotalabHere as quotalab } from './in-process.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'quotalab-export-'));

describe('quotalab export locust', () => {
  it('prints the file, or writes it and prints how to run it', async () => {
    const cwd = folder();
    const printed = await quotalab(['export', 'locust', 'article', '--set', 'load[0].vus=7'], { cwd });
    expect(printed.code).toBe(0);
    expect(printed.stdout).toContain('    fixed_count = 7\n');
    expect(printed.stderr).toBe('');
    const out = ['-o', 'load.py', '--refused', 'failure'];
    const saved = await quotalab(['export', 'locust', 'article', ...out], { cwd });
    expect(saved).toEqual({
      code: 0,
      stdout: '',
      stderr: 'wrote load.py; run: python3 -m locust --headless --locustfile load.py\n',
    });
    expect(readFileSync(join(cwd, 'load.py'), 'utf8')).toContain('REFUSED_FAILS = True');
  });

  it('rejects invalid input and writes nothing', async () => {
    const cwd = folder();
    const ending = await quotalab(['export', 'locust', 'article', '-o', 'load.txt'], { cwd });
    expect(ending.stderr).toContain('must end in .py: Locust requires it');
    const missing = await quotalab(['export', 'locust', 'articel', '-o', 'load.py'], { cwd });
    expect(missing.stderr).toContain('article');
    const invalid = await quotalab(['export', 'locust', 'article', '--set', 'load[0].vus=0'], { cwd });
    expect(invalid.stderr).toContain('load[0].vus');
    const tool = await quotalab(['export', 'jmeter', 'article'], { cwd });
    const how = await quotalab(['export', 'locust', 'article', '--refused', 'maybe'], { cwd });
    expect([ending, missing, invalid, tool, how].map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(readdirSync(cwd)).toEqual([]);
    const nowhere = await quotalab(['export', 'locust', 'article', '-o', 'no/such/load.py'], { cwd });
    expect(nowhere.stderr).toContain('cannot write no/such/load.py');
    expect(nowhere.code).toBe(2);
  });
});
