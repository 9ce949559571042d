import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detectProject, type ProjectFiles, STARTERS } from '../src/init/detect-project.ts';
import { starterClient } from '../src/init/starter-client.ts';
import { limitInWords, rateAbove, starterFiles } from '../src/init/starter-files.ts';
import { parseLimitLine } from '../src/scenario/limit-line.ts';
import { quotalabHere } from './in-process.ts';

const freshFolder = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-init-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const NPM_INIT = '{ "name": "shop", "version": "1.0.0", "type": "commonjs" }';
const NOTHING: ProjectFiles = { packageJson: undefined, pythonFiles: [], hasTsconfig: false, lockFile: undefined };

describe('quotalab in a fresh folder', () => {
  it('without a scenario: says what one can do, and runs nothing', async () => {
    const cwd = freshFolder();
    const { code, stdout } = await quotalabHere([], { cwd });
    expect(code).toBe(2);
    expect(stdout.trim().split('\n').length).toBeLessThanOrEqual(10);
    expect(stdout).toMatch(/\n {2}quotalab check .*\n {2}quotalab init/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it('init, then quotalab alone: the run refuses something, and its reports keep themselves out of git', async () => {
    const cwd = freshFolder({ 'package.json': NPM_INIT });
    const { code, stdout } = await quotalabHere(['init', '--ci', 'github'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe(
      'wrote quotalab.yaml\nwrote quotalab-client.mjs\nwrote .github/workflows/quotalab.yml\n\n' +
        'next:\n  npm install --save-dev quotalab\n  npx quotalab check ./quotalab-client.mjs\n  npx quotalab run\n',
    );
    const run = await quotalabHere(['run', '--no-charts', '--no-html', '-q', '--vus', '3'], { cwd });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('load[0] is constant-arrival-rate, which has no vus (it takes --rate, --duration');
    await quotalabHere(['run', '--no-charts', '--no-html', '-q', '--rate', '2/s'], { cwd });
    const { limits } = JSON.parse(readFileSync(join(cwd, 'reports/quotalab/summary.json'), 'utf8')) as {
      limits: { denied: number }[];
    };
    expect(limits[0]!.denied).toBeGreaterThan(20);
    expect(readFileSync(join(cwd, 'reports/.gitignore'), 'utf8')).toBe('*\n');
  });

  it('init a second time writes nothing, and says what is there', async () => {
    const cwd = freshFolder({ 'quotalab.yaml': 'mine', 'quotalab-client.mjs': 'mine' });
    const { code, stderr } = await quotalabHere(['init'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('(init/exists)');
    expect(stderr.match(/is there already \(--force replaces it\)/g)).toHaveLength(2);
    expect(readFileSync(join(cwd, 'quotalab.yaml'), 'utf8')).toBe('mine');
    expect((await quotalabHere(['init', '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'quotalab.yaml'), 'utf8')).toContain('client: ./quotalab-client.mjs');
  });

  it('the client is checked as it was written', async () => {
    const cwd = freshFolder({ 'package.json': NPM_INIT });
    await quotalabHere(['init', '--limit', '500/min'], { cwd });
    const { code, stdout } = await quotalabHere(['check', './quotalab-client.mjs', '--only', 'server-error', '-q'], {
      cwd,
    });
    expect([0, 99]).toContain(code);
    expect(stdout).toContain('server-error');
  });
});

describe('what init finds in a project', () => {
  it.each<[string, Partial<ProjectFiles>, object]>([
    ['nothing', {}, { starter: 'fetch', ending: 'mjs', install: undefined }],
    ['what npm init writes', { packageJson: NPM_INIT }, { starter: 'fetch', ending: 'mjs', install: 'npm install' }],
    [
      'openai, modules, TypeScript',
      { packageJson: '{"type":"module","dependencies":{"openai":"^7"}}', hasTsconfig: true, lockFile: 'npm' },
      { starter: 'openai', ending: 'ts', install: 'npm ci' },
    ],
    [
      'the AI SDK, which brings openai',
      {
        packageJson: '{"dependencies":{"openai":"1","ai":"7","@ai-sdk/openai":"4"},"devDependencies":{"quotalab":"1"}}',
        lockFile: 'pnpm',
      },
      { starter: 'ai-sdk', hasQuotalab: true, install: 'pnpm install --frozen-lockfile' },
    ],
    ['Python alone', { pythonFiles: ['openai'] }, { starter: 'python' }],
    ['a package.json with an error', { packageJson: '{' }, { starter: 'fetch' }],
  ])('%s', (_name, files, project) => {
    expect(detectProject({ ...NOTHING, ...files })).toMatchObject(project);
  });

  it.each(STARTERS)('%s: a client and a scenario of it', (starter) => {
    const { name, text, packages, written } = starterClient({ starter, ending: 'mts' });
    expect(name).toMatch(/^quotalab[-_]client\.(mts|py)$/);
    for (const imported of packages.filter((each) => each !== '@langchain/core'))
      expect(text).toContain(`'${imported}'`);
    expect(text).not.toMatch(/MODEL_NAME|undefined/);
    const project = { starter, ending: 'mts', install: undefined, hasQuotalab: false } as const;
    const { files } = starterFiles(project, { limit: 'requests 5/s', rate: '9/s', ci: 'gitlab' });
    expect(files.map(({ path }) => path)).toEqual(['quotalab.yaml', name, '.gitlab-ci.quotalab.yml']);
    expect(files[0]!.text).toContain(`client: ${written}`);
  });

  it.each([
    ['60/min', 'requests 60/min algorithm fixed-window', '1.5/s'],
    ['500/min', 'requests 500/min algorithm fixed-window', '12.5/s'],
    ['requests 5/s burst 5', 'requests 5/s burst 5', '12.5/s'],
    ['1k/day', 'requests 1k/day algorithm fixed-window', '25/s'],
    ['concurrent 8', 'concurrent 8', '10/s'],
  ])('the limit %s: more arrives than it admits', (limit, words, rate) => {
    expect(limitInWords(limit)).toBe(words);
    expect(parseLimitLine(words)).toHaveLength(1);
    expect(rateAbove(words)).toBe(rate);
  });
});
