import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DialectName } from '../../../mock-server/dialects/dialects.ts';
import { bundledNames, findScenario } from '../../../src/cli/find-scenario.ts';
import { locustFile } from '../../../src/export/locust.ts';
import { loadScenario, scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { type LocustRun, runLocust } from '../../locust.ts';
import { describeWith, PYTHON } from '../../real-parts.ts';

const written = (scenario: Scenario): string => locustFile(scenario, { refused: 'success', source: 'x.yaml' });

const scenarioOf = (input: Partial<ScenarioInput>): Promise<Scenario> =>
  scenarioFrom({ name: 'x', time: 'model', client: { model: 'openai-node' }, load: [VUS], ...input }, '/');

const VUS = { executor: 'constant-vus', vus: 2, duration: '5s' } as const;

/** Compiles each file and prints the prompt template of each, as parsed by Python. */
const READ = `
import ast, json, sys
def prompt_of(text):
    compile(text, "locustfile.py", "exec")
    function = next(n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "prompt_of")
    call = function.body[-1].value
    return call.func.value.value if isinstance(call, ast.Call) else None
print(json.dumps([prompt_of(text) for text in json.load(sys.stdin)]))
`;

function promptsIn(files: readonly string[]): (string | null)[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', READ], {
    input: JSON.stringify(files),
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as (string | null)[];
}

describeWith(['python3-locust'], 'the generated file is valid Python', () => {
  it('for every bundled scenario', async () => {
    const names = bundledNames();
    const files = await Promise.all(names.map(async (name) => written(await loadScenario(findScenario(name)))));
    expect(files.length).toBeGreaterThan(5);
    expect(promptsIn(files)).toHaveLength(files.length);
  });

  it('for any names, texts and numbers, with unchanged prompts', async () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '"""',
        "'''",
        '\\',
        '\\"',
        '{id}{',
        '%s',
        '#',
        '\r\n# x',
        '\u2028import os',
        '\u0000',
        '\ud800',
        '🎉"',
      ),
    );
    const texts = fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join(''));
    const duration = fc.integer({ min: 1, max: 90_000 }).map((ms) => `${ms}ms`);
    const rate = fc.double({ min: 0, max: 500, noNaN: true });
    const stages = (target: fc.Arbitrary<number>) =>
      fc.array(fc.record({ duration, target }), { minLength: 1, maxLength: 4 });
    const name = fc.stringMatching(/^\w[\w. -]{0,12}$/);
    const load = fc.oneof(
      fc.record({ executor: fc.constant('constant-vus' as const), vus: fc.nat(9).map((n) => n + 1), duration, name }),
      fc.record({ executor: fc.constant('ramping-vus' as const), stages: stages(fc.nat(20)), startTime: duration }),
      fc.record({ executor: fc.constant('shared-iterations' as const), iterations: fc.integer({ min: 1, max: 99 }) }),
      fc.record({
        executor: fc.constant('per-vu-iterations' as const),
        iterations: fc.integer({ min: 1, max: 99 }),
        name,
      }),
      fc.record({ executor: fc.constant('constant-arrival-rate' as const), rate, duration }),
      fc.record({
        executor: fc.constant('ramping-arrival-rate' as const),
        stages: stages(rate as fc.Arbitrary<number>),
        arrivals: fc.constantFrom('uniform' as const, 'poisson' as const),
      }),
    );
    const input = fc.record({
      about: texts,
      provider: fc.record({ dialect: fc.constantFrom<DialectName>('openai', 'azure', 'anthropic', 'gemini') }),
      call: fc.record({ prompt: texts, model: fc.constantFrom('gpt-4o', 'a"b\\', 'ö/x?'), stream: fc.boolean() }),
      load: fc.array(load, { minLength: 1, maxLength: 4 }),
    });
    const inputs = fc.sample(input, { numRuns: 150, seed: 6 });
    const scenarios = await Promise.all(inputs.map((raw) => scenarioOf(raw as Partial<ScenarioInput>)));
    const prompts = promptsIn(scenarios.map(written));
    expect(prompts).toEqual(inputs.map(({ call }) => call.prompt));
    expect(prompts.some((prompt) => prompt?.includes('"""'))).toBe(true);
  });
});

/** Runs the Locust file of a scenario against the provider of that scenario. */
async function locust(scenario: Scenario): Promise<LocustRun> {
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-locust-')), 'load.py');
  writeFileSync(file, written(scenario));
  return runLocust(file, scenario.provider);
}

const AT_ONCE = { latency: { firstToken: '0ms', perToken: '0ms' } } as const;

describeWith(['python3-locust'], 'Locust generates the load of the scenario', () => {
  it('exact iterations and arrivals in every dialect, ignoring proxy variables', async () => {
    const load: ScenarioInput['load'] = [
      { name: 'counted', executor: 'shared-iterations', vus: 3, iterations: 10 },
      { executor: 'per-vu-iterations', vus: 3, iterations: 4, startTime: '500ms', wait: { pacing: '100ms' } },
      { executor: 'constant-arrival-rate', rate: '10/s', duration: '2s' },
    ];
    const dialects = ['openai', 'azure', 'anthropic', 'gemini'] as const;
    const runs = await Promise.all(
      dialects.map(async (dialect) =>
        locust(await scenarioOf({ provider: { dialect, models: 'any', ...AT_ONCE }, call: { stream: true }, load })),
      ),
    );
    for (const { code, output, requests } of runs) {
      expect(output).toContain('Shutting down');
      expect(requests.map(({ status }) => status)).toEqual(Array.from({ length: 10 + 12 + 20 }, () => 200));
      expect(new Set(requests.map(({ bodyHash }) => bodyHash)).size).toBe(42);
      expect(code).toBe(0);
    }
  }, 60_000);

  it('ramping VUs, 0 to 6 in 3 s and back; refusals have a separate row and thresholds set the exit code', async () => {
    const scenario = await scenarioOf({
      provider: { limits: [{ name: 'r', unit: 'requests', refill: '10/s' }], ...AT_ONCE },
      load: [
        {
          executor: 'ramping-vus',
          startVUs: 0,
          stages: [
            { duration: '3s', target: 6 },
            { duration: '3s', target: 0 },
          ],
          wait: { constant: '100ms' },
        },
      ],
      thresholds: { call_failed: ['rate<0.01'], attempts: ['count>10'], goodput: ['value>1'] },
    });
    const { code, output, requests, counts } = await locust(scenario);
    // 18 VU seconds at 10 requests per second, less the duration of the requests.
    expect(requests.length).toBeGreaterThan(60);
    expect(requests.length).toBeLessThanOrEqual(185);
    const refused = requests.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThan(5);
    expect(counts['chat.completions: refused (429)']).toBe(refused);
    expect(counts['chat.completions']).toBe(requests.length - refused);
    expect(output).toContain('FAILED  call_failed: rate<0.01');
    expect(output).toContain('ok  attempts: count>10');
    expect(output).not.toContain('goodput');
    expect(code).toBe(99);
  }, 60_000);
});

it('lists unsupported settings at the top', async () => {
  const text = written(
    await scenarioOf({
      provider: { limits: [{ name: 'r', unit: 'requests', refill: '10/s' }] },
      load: [{ executor: 'constant-arrival-rate', rate: '50/s', duration: '1m' }],
      thresholds: { 'call_duration{result:ok}': ['p(99)<1s'] },
    }),
  );
  const head = text.slice(0, text.indexOf('import ')).replaceAll('\n# ', ' ');
  expect(head).toContain('Not exported: the client');
  expect(head).toContain('limits and faults');
  expect(head).toContain('the threshold call_duration{result:ok}: p(99)<1s');
  expect(head).toContain('late here; quotalab drops and counts it');
});
