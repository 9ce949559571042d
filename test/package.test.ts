import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildOnce, fingerprint } from './installed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'quotalab-package-'));
const app = join(folder, 'app');

/** What npm has in its cache need not be asked for again. */
const QUICKLY = ['--prefer-offline', '--no-audit', '--no-fund'];

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a tool of the app that may fail; returns its exit code and output. */
function runTool(tool: string, args: readonly string[]): { code: number | null; output: string } {
  // The inner vitest must not inherit the outer one's settings.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const script = join(app, 'node_modules', tool);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: app,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  return { code: status, output: stdout + stderr };
}

/**
 * Packs the checkout as it is now, unless that has been done; returns the tarball. Packing builds, which would disturb other
 * tests, so it is done in a copy with hard links.
 */
async function pack(): Promise<string> {
  const files = run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], root).trim().split('\n');
  const packed = files.filter((file) => !/^(test|reports|bench)\//.test(file) && existsSync(join(root, file)));
  const packs = await buildOnce(`package-${fingerprint(packed)}`, async (target) => {
    const copy = join(root, `.tmp/package-${process.pid}`);
    mkdirSync(copy, { recursive: true });
    run('cp', ['-l', '--parents', '-t', copy, ...packed], root);
    run('npm', ['pack', '--pack-destination', target], copy);
    rmSync(copy, { recursive: true });
  });
  return join(packs, readdirSync(packs).find((name) => name.endsWith('.tgz'))!);
}

/** Installs a Node once for all test runs: it is no part of what is tested. */
async function installNode(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  const place = await buildOnce(`node-${version}`, async (target) => {
    writeFileSync(join(target, 'package.json'), '{}');
    run('npm', ['install', ...QUICKLY, '--no-save', `${name}@${version}`], target);
  });
  return join(place, 'node_modules', name, 'bin/node');
}

/** Installs the packed package into an empty project, as a user does. */
describe('the package, installed elsewhere', () => {
  let tarball: string;

  beforeAll(async () => {
    tarball = await pack();
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{ "name": "app", "type": "module" }');
    run('npm', ['install', ...QUICKLY, tarball], app);
    // The user's own tools are those of the checkout: npm would need as long for them as for everything else.
    for (const tool of ['msw', 'vitest', 'typescript'])
      symlinkSync(join(root, 'node_modules', tool), join(app, 'node_modules', tool));
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true }), 180_000);

  it('is small and contains no native binary', () => {
    // The two pages with their chart library are a third of it.
    expect(statSync(tarball).size).toBeLessThan(1_400_000);
  });

  it('runs an included scenario, charts included', () => {
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
    expect(run(process.execPath, [bin, ...args], app)).toMatch(/\n {2}(PASSED|FAILED) /);
    const png = readFileSync(join(app, 'reports/naive/load.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(10_000);
  }, 60_000);

  it('plans and sweeps in worker threads', () => {
    const bin = join(app, 'node_modules/.bin/quotalab');
    const brief = ['--set', 'load[0].duration=10s', '--seeds', '1'];
    expect(run(process.execPath, [bin, 'plan', 'naive', ...brief], app)).toMatch(/\d+ VUs fit/);
    const swept = run(process.execPath, [bin, 'sweep', 'naive', '--vary', 'load[0].vus=1..3', ...brief], app);
    expect(swept.replace(/\s+/g, ' ')).toMatch(/(every goal: |best is |nearest is )load\[0\]\.vus = \d/);
    expect(existsSync(join(app, 'reports/naive/sweep.png'))).toBe(true);
  }, 60_000);

  it('answers through msw, with limits as in a scenario', () => {
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

  it('can be imported and has types', () => {
    const code =
      "import * as q from 'quotalab'; import * as m from 'quotalab/mock-server'; console.log(typeof q.run, typeof m.createMockServer)";
    expect(run(process.execPath, ['--input-type=module', '-e', code], app).trim()).toBe('function function');
    expect(existsSync(join(app, 'node_modules/quotalab/dist/src/index.d.ts'))).toBe(true);
  });

  it('says which packages a bundled scenario needs before it runs', () => {
    const { code, output } = runTool('quotalab/bin/quotalab.mjs', ['run', 'daily-limit', '-o', join(folder, 'daily')]);
    expect(output).toMatch(/the client needs packages that are not installed: .*got.*\n/);
    expect(output).toMatch(/npm install .*got@\d+/);
    expect(output).not.toContain('PASSED');
    expect(code).toBe(2);
  }, 60_000);

  it('says what to install for a tokenizer', () => {
    const args = ['run', 'naive', '--set', 'provider.tokenizer=o200k_base', '-o', join(folder, 'tokens')];
    const { code, output } = runTool('quotalab/bin/quotalab.mjs', args);
    expect(output).toContain('npm install gpt-tokenizer@4');
    expect(code).toBe(2);
  }, 60_000);

  it('holds no source maps, foreign pages or examples of the packages that it bundles', () => {
    const files = run('tar', ['tzf', tarball], folder).trim().split('\n');
    expect(files.length).toBeGreaterThan(500);
    expect(files).toContain('package/dist/page/report.html');
    expect(
      files.filter((file) => /\.map$|(?<!dist\/page\/\w+)\.html$|\/example\.\w+$|canvas-[a-z]+-x64/.test(file)),
    ).toEqual([]);
  });

  describe('for a stranger', () => {
    const RUN = `import { run } from 'quotalab';
      const { passed, verdicts, metrics, journal } = await run('stranger.yaml');
      console.log(passed, verdicts.length > 20, metrics.call_duration['p(95)'] > 0, journal[0].type);`;
    const SERVE = `import { createMockServer } from 'quotalab/mock-server';
      const server = await createMockServer({ limits: ['requests 5/s burst 5'], dialect: 'openai' });
      const { status } = await fetch(server.url + '/models', { headers: { authorization: 'Bearer any' } });
      console.log(status, server.stats().requests);
      await server.close();`;

    let oldNode: string;

    beforeAll(async () => {
      writeFileSync(
        join(app, 'stranger.yaml'),
        "name: stranger\nclient: { module: ./clients/polite.ts }\nprovider: { limits: ['requests 5/s burst 5'] }\nload: [{ executor: constant-vus, vus: 2, duration: 10s }]\nverdicts: { ignores-retry-after: warn }\n",
      );
      writeFileSync(join(app, 'run.mjs'), RUN);
      writeFileSync(join(app, 'serve.mjs'), SERVE);
      cpSync(join(root, 'test/src/testing/clients'), join(app, 'clients'), { recursive: true });
      oldNode = await installNode('22.19.0');
    }, 120_000);

    const versions: [string, () => string][] = [
      ['this Node', () => process.execPath],
      ['Node 22.19', () => oldNode],
    ];
    it.each(versions)(
      'run and createMockServer work under %s',
      (_, node) => {
        expect(run(node(), ['run.mjs'], app)).toMatch(/^(true|false) true true header\n$/);
        expect(run(node(), ['serve.mjs'], app)).toBe('200 1\n');
      },
      60_000,
    );

    it.each([
      // All declarations are checked once, and the imports of each kind of resolution are there and have types.
      ['node16', 'node16', []],
      ['nodenext', 'nodenext', ['--skipLibCheck']],
      ['esnext', 'bundler', ['--skipLibCheck']],
    ])(
      'types hold with module %s, resolution %s, and no ambient types',
      (module, moduleResolution, more) => {
        const wrong = (call: string): string => `// @ts-expect-error: it has types\nvoid ${call}(Symbol());\n`;
        writeFileSync(
          join(app, 'types.ts'),
          `import { run } from 'quotalab';
import { createMockServer } from 'quotalab/mock-server';
import { virtualRun } from 'quotalab/matchers';
export const all = { run, createMockServer, virtualRun };
${['run', 'createMockServer', 'virtualRun'].map(wrong).join('')}`,
        );
        const flags = ['--noEmit', '--strict', '--types', '', '--lib', 'esnext,dom', '--target', 'es2024', ...more];
        const kind = ['--module', module, '--moduleResolution', moduleResolution];
        const { code, output } = runTool('typescript/bin/tsc', [...flags, ...kind, 'types.ts']);
        expect({ code, output }).toEqual({ code: 0, output: '' });
      },
      60_000,
    );
  });

  describe('quotalab/vitest in a user’s project', () => {
    const limits = "{ algorithm: 'fixed-window', amount: 10, window: '30s' }";
    const put = (name: string, text: string): void => writeFileSync(join(app, name), text);
    const testOf = (client: string, claims: string): string => `
      import { expect, it } from 'vitest';
      import { virtualRun } from 'quotalab/vitest';
      it('obeys Retry-After', async () => {
        const run = await virtualRun({
          client: './clients/${client}.ts',
          limits: ${limits},
          load: { executor: 'constant-arrival-rate', rate: '1/s', duration: '18s' },
        });
        expect(run.calls).toHaveLength(18);
        ${claims}
      });`;
    const CLAIMS = `
        expect(run).toHaveRefusals();
        expect(run).toHonourRetryAfter();
        expect(run).toStayWithinAttempts(4);
        expect([run, run]).toHaveNoFailedCalls();
        expect(run).toHaveNoUnfinishedCalls();
        expect(run).toPassVerdict('ignores-retry-after', { failCount: 1 });
        expect(run).toMeetThreshold('call_failed', 'rate<0.01');`;

    beforeAll(() => {
      cpSync(join(root, 'test/src/testing/clients'), join(app, 'clients'), { recursive: true });
      put('polite.test.ts', testOf('polite', CLAIMS));
      put('newcomer.test.ts', testOf('newcomer', CLAIMS));
      put(
        'wrong.test.ts',
        testOf('polite', "expect(run).toStayWithinAttempts('four');\nexpect(run).toHonorRetryAfter();"),
      );
      put(
        'wrong-run.ts',
        "import { virtualRun } from 'quotalab/vitest';\nawait virtualRun({ client: './c.ts', load: { executor: 'constant-vus', vus: 'many', duration: '1s' } });\n",
      );
      put(
        'others.ts',
        "import { matchers, virtualRun, type QuotaLabMatchers } from 'quotalab/matchers';\nexport const names: (keyof QuotaLabMatchers)[] = ['toHaveRefusals'];\nexport const both = { matchers, virtualRun };\n",
      );
    });

    it('a client that obeys Retry-After passes; one that ignores it fails, and the message shows the evidence', () => {
      const { code, output } = runTool('vitest/vitest.mjs', ['run', '--testTimeout=60000', 'polite', 'newcomer']);
      expect(output).toMatch(/ FAIL {2}newcomer\.test\.ts/);
      expect(output).toMatch(/Tests {2}1 failed \| 1 passed/);
      expect(output).toContain('expected the client to honour Retry-After:');
      expect(output).toContain('call 11, try 1 at 10s: requested wait 20s, retried after 1s');
      expect(output).toContain('→ Read Retry-After');
      expect(code).toBe(1);
    }, 60_000);

    it('the compiler knows the matchers and their arguments', () => {
      const strict = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck'];
      const files = ['polite.test.ts', 'others.ts', 'wrong.test.ts', 'wrong-run.ts'];
      const { code, output } = runTool('typescript/bin/tsc', [...strict, ...files]);
      expect([...new Set(output.match(/^[\w.-]+\.ts(?=\()/gm))].sort()).toEqual(['wrong-run.ts', 'wrong.test.ts']);
      expect(output).toMatch(/wrong\.test\.ts\(11,\d+\): error TS2345: Argument of type 'string' is not assignable/);
      expect(output).toMatch(/wrong\.test\.ts\(12,\d+\): error TS2551: .*toHonourRetryAfter/);
      expect(output).toMatch(/wrong-run\.ts\(2,\d+\): error TS2322: [\s\S]*Types of property 'vus' are incompatible/);
      expect(code).not.toBe(0);
    }, 60_000);
  });
});
