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
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

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

/** Copies the checkout with hard links: packing rebuilds it, which would disturb other tests. */
function linkedCopy(): string {
  const copy = join(root, '.tmp/package');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  const files = run('git', ['ls-files', '--cached', '--others', '--exclude-standard'], root).trim().split('\n');
  const packed = files.filter((file) => !/^(test|reports)\//.test(file) && existsSync(join(root, file)));
  run('cp', ['-l', '--parents', '-t', copy, ...packed], root);
  return copy;
}

/** Installs the packed package into an empty project, as a user does. */
describe('the package, installed elsewhere', () => {
  beforeAll(() => {
    run('npm', ['pack', '--pack-destination', folder], linkedCopy());
    mkdirSync(app);
    run('npm', ['init', '-y'], app);
    run('npm', ['pkg', 'set', 'type=module'], app);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    run('npm', ['install', ...QUICKLY, join(folder, tarball), 'msw@3', 'vitest@5', 'typescript@7'], app);
  }, 180_000);

  it('is small and contains no native binary', () => {
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    // The two pages with their chart library are a third of it.
    expect(statSync(join(folder, tarball)).size).toBeLessThan(1_400_000);
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
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
    const files = run('tar', ['tzf', join(folder, tarball)], folder)
      .trim()
      .split('\n');
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

    beforeAll(() => {
      writeFileSync(
        join(app, 'stranger.yaml'),
        "name: stranger\nclient: { module: ./clients/polite.ts }\nprovider: { limits: ['requests 5/s burst 5'] }\nload: [{ executor: constant-vus, vus: 2, duration: 10s }]\nverdicts: { ignores-retry-after: warn }\n",
      );
      writeFileSync(join(app, 'run.mjs'), RUN);
      writeFileSync(join(app, 'serve.mjs'), SERVE);
      cpSync(join(root, 'test/src/testing/clients'), join(app, 'clients'), { recursive: true });
      const old = join(folder, 'node-22');
      mkdirSync(old);
      run('npm', ['install', ...QUICKLY, '--no-save', `node-${process.platform}-${process.arch}@22.19.0`], old);
    }, 120_000);

    const versions: [string, () => string][] = [
      ['this Node', () => process.execPath],
      ['Node 22.19', () => join(folder, `node-22/node_modules/node-${process.platform}-${process.arch}/bin/node`)],
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
      ['nodenext', 'nodenext'],
      ['node16', 'node16'],
      ['esnext', 'bundler'],
    ])(
      'types hold with module %s, resolution %s, and no ambient types',
      (module, moduleResolution) => {
        writeFileSync(
          join(app, 'types.ts'),
          "import { run } from 'quotalab';\nimport { createMockServer } from 'quotalab/mock-server';\nimport { virtualRun } from 'quotalab/matchers';\nexport const all = { run, createMockServer, virtualRun };\n",
        );
        const flags = ['--noEmit', '--strict', '--types', '', '--lib', 'esnext,dom', '--target', 'es2024'];
        const { code, output } = runTool('typescript/bin/tsc', [
          ...flags,
          '--module',
          module,
          '--moduleResolution',
          moduleResolution,
          'types.ts',
        ]);
        expect(output.split('\n').filter((line) => line.includes('quotalab/dist'))).toEqual([]);
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

    it('a client that obeys Retry-After passes', () => {
      const { code, output } = runTool('vitest/vitest.mjs', ['run', '--testTimeout=60000', 'polite']);
      expect(output).toMatch(/1 passed/);
      expect(code).toBe(0);
    }, 60_000);

    it('a client that ignores it fails, and the message shows the evidence', () => {
      const { code, output } = runTool('vitest/vitest.mjs', ['run', '--testTimeout=60000', 'newcomer']);
      expect(output).toContain('expected the client to honour Retry-After:');
      expect(output).toContain('call 11, try 1 at 10s: requested wait 20s, retried after 1s');
      expect(output).toContain('→ Read Retry-After');
      expect(code).toBe(1);
    }, 60_000);

    it('the compiler knows the matchers and their arguments', () => {
      const strict = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', '--skipLibCheck'];
      const right = runTool('typescript/bin/tsc', [...strict, 'polite.test.ts', 'others.ts']);
      expect(right).toEqual({ code: 0, output: '' });
      const { code, output } = runTool('typescript/bin/tsc', [...strict, 'wrong.test.ts', 'wrong-run.ts']);
      expect(output).toMatch(/wrong\.test\.ts\(11,\d+\): error TS2345: Argument of type 'string' is not assignable/);
      expect(output).toMatch(/wrong\.test\.ts\(12,\d+\): error TS2551: .*toHonourRetryAfter/);
      expect(output).toMatch(/wrong-run\.ts\(2,\d+\): error TS2322: [\s\S]*Types of property 'vus' are incompatible/);
      expect(code).not.toBe(0);
    }, 60_000);
  });
});
