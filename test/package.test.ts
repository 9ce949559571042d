import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quotalab-package-'));
const app = join(folder, 'app');

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/**
 * The checkout again, by hard links: packing builds afresh and sets the canvas's binary aside for a while, which other
 * tests must not see.
 */
function linkedCopy(): string {
  const copy = join(root, '.tmp/package');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  const files = run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], root).trim().split('\n');
  const packed = files.filter((file) => !/^(test|reports)\//.test(file) && existsSync(join(root, file)));
  run('cp', ['-l', '--parents', '-t', copy, ...packed], root);
  for (const name of ['chartjs-node-canvas', 'canvas', 'chart.js', 'tslib', '@napi-rs']) {
    run('cp', ['-al', join(root, 'node_modules', name), join(copy, 'node_modules')], root);
  }
  return copy;
}

/** What a user does: packs nothing, but installs what was packed into a folder that has nothing of ours. */
describe('the package, installed elsewhere', () => {
  beforeAll(() => {
    run('npm', ['pack', '--pack-destination', folder], linkedCopy());
    mkdirSync(app);
    run('npm', ['init', '-y'], app);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    run('npm', ['install', join(folder, tarball), 'msw@3'], app);
  }, 180_000);

  it('is small: no binary of this machine is in it', () => {
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    expect(statSync(join(folder, tarball)).size).toBeLessThan(1_000_000);
  });

  it('runs a scenario that comes with it, charts included', () => {
    const bin = join(app, 'node_modules/.bin/quotalab');
    const args = [
      'run',
      'naive',
      '-q',
      '--allow-inconclusive',
      '--set',
      'load[0].duration=2s',
      '--set',
      'verdicts.amplifies-load=warn',
    ];
    expect(run(process.execPath, [bin, ...args], app)).toContain('VERDICTS');
    const png = readFileSync(join(app, 'reports/naive/load.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(10_000);
  }, 60_000);

  it('plans and sweeps on threads of its own', () => {
    const bin = join(app, 'node_modules/.bin/quotalab');
    const brief = ['--set', 'load[0].duration=10s', '--seeds', '1'];
    expect(run(process.execPath, [bin, 'plan', 'naive', ...brief], app)).toMatch(/\d+ VUs fit/);
    const swept = run(process.execPath, [bin, 'sweep', 'naive', '--vary', 'load[0].vus=1..3', ...brief], app);
    expect(swept).toContain('Best is load[0].vus = ');
    expect(existsSync(join(app, 'reports/naive/sweep.png'))).toBe(true);
  }, 60_000);

  it('answers in a team’s own msw set-up, by limits written as in a scenario', () => {
    const code = `
      import { setupServer } from 'msw/node';
      import { providerFrom } from 'quotalab';
      import { handlers } from 'quotalab/msw';
      const provider = await providerFrom({ limits: [{ refill: '1/day' }], latency: { firstToken: 0, perToken: 0 } });
      setupServer(...handlers(provider)).listen();
      const ask = () => fetch('https://api.openai.com/v1/models').then(({ status }) => status);
      const chat = () => fetch('https://api.openai.com/v1/chat/completions', {
        method: 'POST', headers: { authorization: 'Bearer k' },
        body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] }),
      }).then(({ status }) => status);
      console.log(await ask(), await chat(), await chat());`;
    expect(run(process.execPath, ['--input-type=module', '-e', code], app).trim()).toBe('401 200 429');
  }, 60_000);

  it('serves other dialects and knows its profiles', () => {
    const bin = join(app, 'node_modules/.bin/quotalab');
    expect(run(process.execPath, [bin, 'profiles', 'anthropic'], app)).toContain('anthropic/tier-1/claude-sonnet-4');
  });

  it('can be imported, with its types beside it', () => {
    const code =
      "import * as q from 'quotalab'; import * as m from 'quotalab/mock-server'; console.log(typeof q.runScenario, typeof m.listen)";
    expect(run(process.execPath, ['--input-type=module', '-e', code], app).trim()).toBe('function function');
    expect(existsSync(join(app, 'node_modules/quotalab/dist/src/index.d.ts'))).toBe(true);
  });
});
