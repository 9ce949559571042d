import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

/** What a user does: packs nothing, but installs what was packed into a folder that has nothing of ours. */
describe('the package, installed elsewhere', () => {
  beforeAll(() => {
    run('npm', ['pack', '--pack-destination', folder], root);
    mkdirSync(app);
    run('npm', ['init', '-y'], app);
    run('npm', ['install', join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!)], app);
  }, 180_000);

  it('is small: no binary of this machine is in it', () => {
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    expect(statSync(join(folder, tarball)).size).toBeLessThan(1_000_000);
    expect(existsSync(join(root, 'node_modules/@napi-rs/canvas/package.json')), 'packing left the checkout whole').toBe(
      true,
    );
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

  it('can be imported, with its types beside it', () => {
    const code =
      "import * as q from 'quotalab'; import * as m from 'quotalab/mock-server'; console.log(typeof q.runScenario, typeof m.listen)";
    expect(run(process.execPath, ['--input-type=module', '-e', code], app).trim()).toBe('function function');
    expect(existsSync(join(app, 'node_modules/quotalab/dist/src/index.d.ts'))).toBe(true);
  });
});
