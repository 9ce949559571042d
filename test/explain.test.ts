import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../mock-server/error-codes.ts';
import { JUDGES } from '../src/analysis/judging/judge-run.ts';
import { METRICS } from '../src/analysis/metrics/metrics.ts';
import { BATTERY } from '../src/check/battery.ts';
import { explain } from '../src/cli/explain-command.ts';
import { outcomeOf } from './in-process.ts';
import { quotalab } from './quotalab.ts';

describe('quotalab explain', () => {
  it('knows every verdict, row, metric and error code', () => {
    const names = [JUDGES, BATTERY].flatMap((list) => list.map(({ id }) => id));
    for (const name of [...names, ...Object.keys(METRICS), ...Object.keys(ERROR_CODES)]) {
      expect(explain(name)).toMatch(new RegExp(`^${name}: \\w.*\\n {2}\\S`));
    }
    expect(explain('synchronised-herd')).toContain('Do calls that were refused together retry together?');
  });

  it('an unknown name: the nearest', () => {
    expect(() => explain('synchronized-herd')).toThrow(
      expect.objectContaining({
        code: 'cli/unknown-name',
        problems: [expect.objectContaining({ hint: 'did you mean "synchronised-herd"?' })],
      }),
    );
  });
});

it('quotalab doctor: each part, whether it is there, and what it is for', async () => {
  const { code, text } = await outcomeOf(['doctor', '--json']);
  expect(code).toBe(0);
  const { parts } = JSON.parse(text) as { parts: { name: string; there: boolean; install: string }[] };
  expect(parts.find(({ name }) => name === 'openai')).toMatchObject({ there: true });
  expect(parts.map(({ install }) => install).every((install) => /^(?:apt|npm|pip) install/.test(install))).toBe(true);
});

describe('shell completion', () => {
  it.each([
    [['ru'], 'run\t'],
    [['run', '--see'], '--seeds\t'],
    [['init', '--sdk', ''], 'google-genai\t'],
  ])('%j', async (words, offered) => {
    expect((await quotalab(['complete', '--', ...words], { cwd: '.' })).stdout).toContain(offered);
  });

  it.each(['bash', 'zsh', 'fish'])('the script of %s', async (shell) => {
    expect(await quotalab(['complete', shell], { cwd: '.' })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('quotalab'),
    });
  });
});
