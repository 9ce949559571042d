import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  type ErrorCode,
  type MetricName,
  QuotaLabError,
  type RunOptions,
  type RunResult,
  run,
  runSeeds,
  type ScenarioInput,
  type SeedsResult,
  type TrendValues,
  type Verdict,
  type VerdictId,
} from '../src/index.ts';
import { matchers } from '../src/testing/index.ts';
import { BIN } from './quotalab.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);
const client = blocks.find((code) => code.startsWith('// client.ts'))!;
const examples = blocks.filter((code) => code !== client);

const SCENARIO: ScenarioInput = {
  name: 'shop',
  client: { module: './client.ts' },
  load: [{ executor: 'constant-vus', vus: 2, duration: '2s' }],
  provider: { limits: [{ unit: 'requests', capacity: 5, refill: '5/s' }], latency: { firstToken: '300ms' } },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-api-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'client.ts'), client);
  writeFileSync(join(folder, 'scenario.yaml'), JSON.stringify(SCENARIO));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Replaces the package by its build. */
function fromBuild(code: string): string {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly default: string }>;
  };
  const installed = join(dirname(BIN), '..');
  return code.replace(/from 'quotalab(\/[\w-]+)?'/g, (_, door = '') => {
    return `from '${join(installed, exports[`.${door}`]!.default)}'`;
  });
}

describe('docs/api.md', () => {
  it.each(examples.map((code) => [/from '(quotalab[^']*)'/.exec(code)![1]!, code]))(
    '%s',
    (_, code) => {
      const file = join(folder, 'example.ts');
      writeFileSync(file, fromBuild(code));
      const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout !== '' || code.includes('assert')).toBe(true);
    },
    60_000,
  );
});

describe('run', () => {
  it('judges an object, and returns every metric by name', async () => {
    const written = join(folder, 'run.jsonl');
    const { passed, metrics, verdicts, journal, seed } = await run(SCENARIO, { folder, journal: written, seed: 7 });
    expect({ passed, seed }).toEqual({ passed: verdicts.every(({ status }) => status !== 'fail'), seed: 7 });
    expect(metrics.call_duration.samples).toBeGreaterThan(5);
    expect(readFileSync(written, 'utf8').trim().split('\n')).toHaveLength(journal.length);
  });

  it('a failed threshold is a result', async () => {
    const result = await run({ ...SCENARIO, thresholds: { attempts: 'count<1' } }, { folder });
    expect(result).toMatchObject({ passed: false, thresholds: [{ metric: 'attempts', ok: false }] });
  });

  it('a client that sends no request does not pass', async () => {
    writeFileSync(join(folder, 'idle.ts'), 'export default () => new Promise((resolve) => setTimeout(resolve, 100));');
    const result = await run({ ...SCENARIO, client: { module: './idle.ts' } }, { folder });
    expect(result).toMatchObject({ passed: false, error: { code: 'client/no-requests' } });
  });

  it('invalid input throws every problem, unknown verdicts included', async () => {
    const verdicts = { 'no-such-verdict': 'error' } as const;
    const error = await run({ ...SCENARIO, verdicts }, { folder, set: { 'load[0].vus': 2 } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'scenario/invalid', problems: [{ path: 'verdicts.no-such-verdict' }] });
    await expect(run(new URL('https://example.com/scenario.yaml'))).rejects.toThrow(QuotaLabError);
  });

  it('is interrupted by its signal', async () => {
    await expect(run(SCENARIO, { folder, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'client/interrupted',
    });
  });

  it('runs several seeds', async () => {
    const { seeds, verdicts } = await runSeeds(SCENARIO, { folder, seeds: 2, seed: 3 });
    expect(seeds.map(({ seed }) => seed)).toEqual([3, 4]);
    expect(verdicts).toHaveLength(seeds[0]!.verdicts.length);
  });
});

it('has types for what a stranger writes', () => {
  expectTypeOf(run).parameter(0).toEqualTypeOf<string | URL | ScenarioInput>();
  expectTypeOf(run).parameter(1).toEqualTypeOf<RunOptions | undefined>();
  expectTypeOf(run).returns.resolves.toEqualTypeOf<RunResult>();
  expectTypeOf<Record<never, never>>().toExtend<RunOptions>();
  expectTypeOf(runSeeds).returns.resolves.toEqualTypeOf<SeedsResult>();
  expectTypeOf<keyof RunResult['metrics']>().toEqualTypeOf<MetricName>();
  expectTypeOf<'call_duration' | 'goodput'>().toExtend<MetricName>();
  expectTypeOf<string>().not.toExtend<MetricName>();
  expectTypeOf<RunResult['metrics']['call_duration']>().toEqualTypeOf<TrendValues>();
  expectTypeOf<RunResult['metrics']['call_failed']['rate']>().toEqualTypeOf<number | null>();
  expectTypeOf<RunResult['verdicts'][number]['id']>().toEqualTypeOf<VerdictId>();
  expectTypeOf<SeedsResult['verdicts'][number]>().toEqualTypeOf<Verdict<VerdictId>>();
  expectTypeOf<'no-jitter' | 'ignores-retry-after'>().toExtend<VerdictId>();
  expectTypeOf<string>().not.toExtend<VerdictId>();
  expectTypeOf<'scenario/invalid'>().toExtend<ErrorCode>();
  expectTypeOf<string>().not.toExtend<ErrorCode>();
  expectTypeOf(matchers.toStayWithinAttempts).parameters.toEqualTypeOf<[received: unknown, max: number]>();
});
