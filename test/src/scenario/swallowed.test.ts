import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Problem, QuotaLabError } from '../../../mock-server/error.ts';
import { readProviderSettings } from '../../../src/cli/provider-flags.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import { parseLimits } from '../../../src/scenario/parse-parts.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-swallowed-'));
  writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');
});

const LOAD = 'load: [{ executor: constant-vus, vus: 1, duration: 1s }]\n';

const shown = ({ problems }: QuotaLabError): string[] =>
  problems.map(
    ({ line, path, message, hint }: Problem) =>
      `${line === undefined ? '' : `${line}: `}${path}: ${message}${hint ? ` (${hint})` : ''}`,
  );

async function problemsOf(yaml: string, name = 'x'): Promise<string[]> {
  const file = join(folder, 'scenario.yaml');
  writeFileSync(file, `name: ${name}\nclient: ./client.ts\n${yaml}`);
  return loadScenario(file).then(() => [], shown);
}

describe('two limits of one name, of which the second would never be charged', () => {
  const TWO = ['requests 10/10s algorithm fixed-window', 'requests 30/10s algorithm fixed-window'];
  const flags = { limit: TWO, fault: [], set: [], seed: 1 };

  it('are refused as --limit, with a name to give', async () => {
    const line = `--limit '${TWO[1]}'`;
    await expect(readProviderSettings(flags)).rejects.toMatchObject({
      code: 'cli/bad-provider',
      problems: [{ path: line, message: 'duplicate limit name requests', hint: `--limit '${TWO[1]} name requests-2'` }],
    });
    const named = await readProviderSettings({ ...flags, limit: [TWO[0]!, `${TWO[1]} name requests-2`] });
    expect(named.limits.map(({ name }) => name)).toEqual(['requests', 'requests-2']);
  });

  it('are refused beside those of --scenario and of a profile, together with whatever else is wrong', async () => {
    const file = join(folder, 'limits.yaml');
    writeFileSync(file, `name: x\nclient: ./client.ts\n${LOAD}provider: { limits: [requests 5/min] }\n`);
    const limit = ['requests 30/min name requests', 'openai/tier-1/gpt-4o', 'openai/tier-1/gpt-4o', 'tokens 5/x'];
    const error = await readProviderSettings({ ...flags, scenario: file, limit }).catch((caught: unknown) => caught);
    const paths = (error as QuotaLabError).problems.map(({ path, message }) => `${path}: ${message}`);
    expect(paths).toEqual([
      expect.stringMatching(/^--limit 'tokens 5\/x' refill: must be a rate/),
      "--limit 'requests 30/min name requests': duplicate limit name requests",
      ...paths.filter((path) => path.startsWith("--limit 'openai/tier-1/gpt-4o': duplicate limit name ")),
    ]);
    expect(paths.length).toBeGreaterThan(3);
  });

  it('are refused as PUT /__quotalab/limits', () => {
    expect(() => parseLimits({ limits: TWO })).toThrow(
      expect.objectContaining({
        problems: [{ path: 'limits[1].name', message: 'duplicate limit name requests', hint: 'name: requests-2' }],
      }),
    );
  });

  it('are blamed on their own entry behind a profile', async () => {
    expect(
      await problemsOf(
        `${LOAD}provider:\n  limits:\n    - openai/tier-1/gpt-4o-mini\n    - requests 5/s\n    - requests 9/s\n`,
      ),
    ).toEqual(['8: provider.limits[2].name: duplicate limit name requests (name: requests-2)']);
  });
});

describe('limits of one unit without a name', () => {
  const flags = { fault: [], set: [], seed: 1 };
  const named = async (...limit: string[]) =>
    (await readProviderSettings({ ...flags, limit })).limits.map(({ name }) => name);

  it('a limit alone has the name of its unit', async () => {
    expect(await named('requests 5/s', 'tokens 90k/min', 'concurrent 10')).toEqual([
      'requests',
      'tokens',
      'concurrent',
    ]);
  });

  it('are named by period, then by scope, then by algorithm', async () => {
    expect(await named('requests 10/10s', 'requests 30/min', 'requests 9k/week')).toEqual([
      'requests/10s',
      'requests/min',
      'requests/week',
    ]);
    expect(await named('requests 5/s per key', 'requests 50/s')).toEqual([
      'requests/s per key',
      'requests/s per organization',
    ]);
    expect(await named('requests 50/s', 'requests 40/s algorithm ramp', 'tokens 1k/s')).toEqual([
      'requests/s token-bucket',
      'requests/s ramp',
      'tokens',
    ]);
  });

  it('leave given names alone, those of a scenario too', async () => {
    expect(await named('requests 5/s name requests', 'requests 30/min')).toEqual(['requests', 'requests/min']);
    const file = join(folder, 'named.yaml');
    writeFileSync(file, `name: x\nclient: ./client.ts\n${LOAD}provider: { limits: [requests 5/min] }\n`);
    const both = await readProviderSettings({ ...flags, scenario: file, limit: ['requests 30/min'] });
    expect(both.limits.map(({ name }) => name)).toEqual(['requests', 'requests/min']);
  });

  it('are named alike in every place, and each is charged', () => {
    const two = ['requests 10/10s', { refill: '30/min' }];
    expect(parseLimits({ limits: two }).map(({ name }) => name)).toEqual(['requests/10s', 'requests/min']);
  });
});

describe('--limit as in a scenario', () => {
  const read = async (line: string) =>
    (await readProviderSettings({ limit: [line], fault: [], set: [], seed: 1 })).limits;

  it('is the same limit as in words', async () => {
    expect(await read('{ unit: requests, refill: 5/s, capacity: 9 }')).toEqual(await read('requests 5/s burst 9'));
    expect(await read('{ algorithm: concurrency, amount: 10 }')).toEqual(await read('concurrent 10'));
    expect(await read('{ algorithm: ramp, floor: 100, growth: 50%, window: 1m }')).toEqual(
      await read('requests 100/min algorithm ramp growth 50%'),
    );
  });

  it.each([
    ['{ refil: 5/s }', "--limit '{ refil: 5/s }' refil"],
    ['{ refill: 5/s', "--limit '{ refill: 5/s'"],
    ['{ algorithm: concurrency, amount: 10, initial: 3 }', expect.stringMatching(/initial$/)],
    ['requests 5/s initial 6', "--limit 'requests 5/s initial 6' initial"],
  ])('%s is refused with the place', async (line, path) => {
    await expect(read(line)).rejects.toMatchObject({ code: 'cli/bad-provider', problems: [{ path }] });
  });
});

describe('rules with keys that nothing reads', () => {
  it('are errors with the nearest key, each in one round', async () => {
    const yaml = `${LOAD}provider:
  answer:
    rules:
      - { match: { userMesage: hello }, response: { content: x } }
      - { mtch: { userMessage: hello }, response: { contnt: x } }
      - { match: { endpoint: chta }, response: { toolCalls: [{ name: f, argument: {} }] } }
      - { match: {}, response: {} }
      - { match: {}, response: { content: x, status: 429 } }
      - { match: {}, response: { error: { mesage: x } } }
`;
    expect(await problemsOf(yaml)).toEqual([
      '7: provider.answer.rules[0].match.userMesage: unknown key (did you mean "userMessage"?)',
      '8: provider.answer.rules[1].response.contnt: unknown key (did you mean "content"?)',
      '8: provider.answer.rules[1].mtch: unknown key (did you mean "match"?)',
      '9: provider.answer.rules[2].match.endpoint: unknown value "chta" (did you mean "chat"?)',
      '9: provider.answer.rules[2].response.toolCalls[0].argument: unknown key (did you mean "arguments"?)',
      '10: provider.answer.rules[3].response: must have one of content, toolCalls, blocks, embedding or error',
      '11: provider.answer.rules[4].response.status: requires error',
      '12: provider.answer.rules[5].response.error.mesage: unknown key (did you mean "message"?)',
    ]);
  });

  it('in a file of aimock: its own keys are named in a warning, others are errors at their rule', async () => {
    const warnings: string[] = [];
    const listen = ({ message }: Error): unknown => warnings.push(message);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    const rules = [
      { match: { userMessage: 'a', context: 'b' }, response: { content: 'x', finishReason: 'stop' }, latency: 5 },
      { match: { endpoint: 'image' }, response: { image: { url: 'x' } } },
      { match: { userMessage: 'c' }, response: { content: 'y' }, chaos: {}, latency: 9 },
    ];
    const answer = `${LOAD}provider: { answer: { fixtures: rules.json } }\n`;
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ fixtures: rules }));
    expect(await problemsOf(answer)).toEqual([]);
    await new Promise((go) => setImmediate(go));
    expect(warnings).toEqual([
      'rules.json: QuotaLab ignores these keys of aimock: latency (2), match.context (1), response.finishReason (1), response.image (1), chaos (1); one rule is left out, as other endpoints or answers are not supported',
    ]);
    const wrong = [...rules, { match: { userMesage: 'd' }, response: { content: 'z' } }];
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ fixtures: wrong }));
    expect(await problemsOf(answer)).toEqual([
      '4: provider.answer.fixtures: rules.json fixtures[3].match.userMesage: unknown key (did you mean "userMessage"?)',
    ]);
  });
});

describe('what no machine can run, or needs no run', () => {
  it.each([
    ['{ executor: constant-vus, vus: 1000000000, duration: 1s }', 'vus: must be at most 100000'],
    [
      '{ executor: constant-vus, vus: 1, duration: 0s }',
      'duration: must be above 0s: the load has no time to start a call',
    ],
    [
      '{ executor: constant-vus, vus: 1, duration: 4000d }',
      'duration: must be at most 366d, the maximum length of a load',
    ],
    ['{ executor: constant-arrival-rate, rate: 1G/s, duration: 1s }', 'rate: must be at most 1000000/s'],
    ['{ executor: constant-arrival-rate, rate: 5/s, duration: 1s, maxVUs: 1000000 }', 'maxVUs: must be at most 100000'],
    [
      '{ executor: ramping-arrival-rate, stages: [{ duration: 1d, target: 1k/s }] }',
      'stages: plans 43,200,000 calls; a run has at most 10,000,000',
    ],
    [
      '{ executor: ramping-vus, stages: [{ duration: 0s, target: 5 }] }',
      'stages: must last longer than 0s: the load has no time to start a call',
    ],
    [
      '{ executor: ramping-vus, stages: [{ duration: 1s, target: 500000 }] }',
      'stages[0].target: must be at most 100000',
    ],
    [
      '{ executor: per-vu-iterations, vus: 10000, iterations: 10000 }',
      'iterations: plans 100,000,000 calls; a run has at most 10,000,000',
    ],
    ['{ executor: shared-iterations, iterations: 100000000 }', 'iterations: must be at most 10000000'],
    [
      `{ name: ${'x'.repeat(300)}, executor: constant-vus, vus: 1, duration: 1s }`,
      'name: must have at most 100 characters',
    ],
  ])('load: [%s]', async (load, expected) => {
    expect(await problemsOf(`load: [${load}]\n`)).toEqual([`3: load[0].${expected}`]);
  });

  it('a name that no folder can have', async () => {
    expect(await problemsOf(LOAD, 'x'.repeat(300))).toEqual(['1: name: must have at most 100 characters']);
  });

  it('an answer of a billion tokens', async () => {
    expect(await problemsOf(`${LOAD}provider: { answerTokens: 1G }\n`)).toEqual([
      '4: provider.answerTokens: must be at most 1000000',
    ]);
  });

  it('two sizes of one bucket', async () => {
    expect(await problemsOf(`${LOAD}provider: { limits: [{ refill: 5/s, capacity: 3, burst: 9 }] }\n`)).toEqual([
      '4: provider.limits[0].burst: is another name of capacity; set one of them',
    ]);
  });

  it('a list of too many entries; the rest of the file is checked', async () => {
    const limits = Array.from({ length: 5000 }, () => '    - requests 5/s\n').join('');
    expect(await problemsOf(`${LOAD}call: { stream: maybe }\nprovider:\n  limits:\n${limits}`)).toEqual([
      '4: call.stream: must be a boolean, not "maybe"',
      '6: provider.limits: must have at most 100 entries, not 5000',
    ]);
  });

  it('a file of megabytes, unread', async () => {
    expect(await problemsOf(`${LOAD}about: ${'x'.repeat(600_000)}\n`)).toEqual([
      '1: : is larger than 512 KiB, the maximum size of a scenario',
    ]);
  });
});
