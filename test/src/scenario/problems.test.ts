import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Problem, QuotaLabError } from '../../../mock-server/error.ts';
import { checkScenario } from '../../../src/analysis/check-scenario.ts';
import { type LoadOptions, loadScenario } from '../../../src/scenario/load-scenario.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-scenario-'));
  writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');
});

/** Lines 1 to 3 of every scenario below. */
const HEAD = 'name: x\nclient: { module: ./client.ts }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\n';

async function failureOf(yaml: string, options: LoadOptions = {}, name = 'scenario.yaml'): Promise<QuotaLabError> {
  const file = join(folder, name);
  writeFileSync(file, yaml);
  const error = await loadScenario(file, { check: checkScenario, ...options }).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(QuotaLabError);
  return error as QuotaLabError;
}

const shown = ({ problems }: QuotaLabError): string[] =>
  problems.map(
    ({ line, path, message, hint }: Problem) =>
      `${line === undefined ? '' : `${line}: `}${path}: ${message}${hint ? ` (${hint})` : ''}`,
  );

describe('clients, replicas and providers', () => {
  const LOAD = 'load: [{ executor: constant-vus, vus: 1, duration: 1s }]\n';
  const OF_CHAT = 'load: [{ executor: constant-vus, vus: 1, duration: 1s, client: chat }]\n';
  it.each([
    [`client: ./client.ts\nclients: { chat: ./client.ts }\n${LOAD}`, ['3: clients: cannot be combined with client']],
    [
      `client: ./client.ts\nprovider: {}\nproviders: { a: {} }\n${LOAD}`,
      ['4: providers: cannot be combined with provider'],
    ],
    [`client: ./client.ts\n${OF_CHAT}`, ['3: load[0].client: there is no client chat (requires clients, by name)']],
    [
      `clients: { batch: ./client.ts, night: ./client.ts }\n${OF_CHAT}`,
      ['3: load[0].client: there is no client chat (one of batch, night)'],
    ],
    [
      `clients: { 1x: ./client.ts }\n${LOAD}`,
      ['2: clients.1x: must be letters, digits, dashes, and begin with a letter'],
    ],
    [`client: { module: ./client.ts, replicas: 0 }\n${LOAD}`, ['2: client.replicas: must be at least 1']],
    [`client: { module: ./client.ts, replicas: 101 }\n${LOAD}`, ['2: client.replicas: must be at most 100']],
    [
      `client: { module: ./client.ts, replicas: many }\n${LOAD}`,
      [
        '2: client.replicas: must be a number of replicas, or { start: 2, stages: [{ duration: 5m, target: 8 }] }, not "many"',
      ],
    ],
    [
      `client: { module: ./client.ts, replicas: 2, restarts: [{ at: 1s, replicas: 3 }] }\n${LOAD}`,
      ['2: client.restarts: restarts 3 replicas of 2'],
    ],
    [`client: { module: ./client.ts, balance: sticky }\n${LOAD}`, ['2: client.balance: requires several replicas']],
    [
      `time: wall\nclient: { command: [node, x.mjs], replicas: 2 }\n${LOAD}`,
      [
        '3: client.replicas: requires protocol: worker: this command is a new process for each call, and keeps no state',
      ],
    ],
    [
      `time: model\nclient: { model: none }\nproviders: { a: {}, b: {} }\n${LOAD}`,
      ['4: providers: several need the code of the client: use time: virtual'],
    ],
  ])('%j', async (yaml, problems) => {
    expect(shown(await failureOf(`name: x\n${yaml}`))).toEqual(problems);
  });
});

describe('one problem: line, path, message, hint', () => {
  it.each([
    ['seeds: 1', '4: seeds: unknown key (did you mean "seed"?)'],
    ['seed: -1', '4: seed: must be at least 0'],
    ['time: virtuel', '4: time: unknown value "virtuel" (did you mean "virtual"?)'],
    ['time: { scaled: 1 }', '4: time.scaled: must be a whole number from 2 to 1000: for real clocks, use time: wall'],
    ['time: { scaled: 2.5 }', /^4: time.scaled: must be a whole number from 2 to 1000: in some locales/],
    ['time: { scaled: 5000 }', /^4: time.scaled: must be a whole number from 2 to 1000: above it, 1 ms of real time/],
    ['time: { scaled: fast }', '4: time.scaled: must be a number, not "fast"'],
    [
      'time: { scaled: 60 }',
      '4: time: cannot be scaled for a module, which runs in virtual, wall or model time (use virtual: its clock jumps, which is faster)',
    ],
    ['time: { virtual: tomorrow }', '4: time.virtual: must be a time such as 2026-01-01T00:00:00Z'],
    [
      'provider: { retryAfter: cel-seconds }',
      /^4: provider.retryAfter: unknown value "cel-seconds" \(did you mean "ceil-seconds"\?\)$/,
    ],
    [
      'provider:\n  latency: { firstToken: soon }',
      '5: provider.latency.firstToken: must be a duration such as 250ms, 30s, 1m30s or 2h, not "soon"',
    ],
    [
      'provider:\n  latency: { firstToken: { p50: 3s, p99: 1s } }',
      '5: provider.latency.firstToken.p99: must not be below p50',
    ],
    [
      'provider:\n  limits:\n    - { refill: 5 per second }',
      '6: provider.limits[0].refill: must be a rate such as 5/s, 500/min, 10k/day or 3/20s, not "5 per second"',
    ],
    ['provider:\n  limits:\n    - { refill: 5/s, capacity: 0 }', '6: provider.limits[0].capacity: must be at least 1'],
    [
      'provider:\n  limits:\n    - { algorithm: fixed-windw, amount: 5, window: 1s }',
      /^6: provider.limits\[0\].algorithm: unknown value "fixed-windw" \(did you mean "fixed-window"\?\)$/,
    ],
    [
      'provider:\n  limits:\n    - { algorithm: fixed-window, amount: 5, refill: 5/s, window: 1s }',
      /^6: provider.limits\[0\].refill: unknown key; allowed here:/,
    ],
    [
      'provider:\n  limits:\n    - { refill: 5/s }\n    - { refill: 9/s }',
      '7: provider.limits[1].name: duplicate limit name requests (name: requests-2)',
    ],
    [
      'provider:\n  limits:\n    - { algorithm: calendar-quota, amount: 5, per: day, timeZone: Mars }',
      '6: provider.limits[0].timeZone: unknown time zone Mars (use an IANA name, such as Europe/Berlin or UTC)',
    ],
    [
      'provider:\n  limits:\n    - { refill: 5/s, scope: keys }',
      /^6: provider.limits\[0\].scope: unknown value "keys" \(did you mean "key"\?\)$/,
    ],
    [
      'provider: { limits: openai/tier-1/gpt-4 o }',
      /^4: provider.limits: unknown profile openai\/tier-1\/gpt-4 o \(did you mean "openai\/tier-1\/gpt-4o"\?\)$/,
    ],
    [
      'provider:\n  limits: [openai/tier-9/gpt-9]',
      /^5: provider.limits\[0\]: unknown profile openai\/tier-9\/gpt-9 \(/,
    ],
    [
      'provider: { limits: openai/tier-1/gpt-4o }',
      /^4: provider.limits: no limit applies to gpt-4o-mini, the model of the calls; limits apply to gpt-4o, .* \(call: { model: gpt-4o }\)$/,
    ],
    [
      'provider:\n  faults:\n    - { kind: melt }',
      /^6: provider.faults\[0\].kind: must be one of status, refuse, .*, not "melt"/,
    ],
    ['provider:\n  faults:\n    - { rate: 130% }', '6: provider.faults[0].rate: must be at most 100%'],
    [
      'provider:\n  faults:\n    - { kind: reset, status: 500 }',
      '6: provider.faults[0].status: does not apply to kind: reset; it belongs to status',
    ],
    [
      'provider:\n  faults:\n    - { kind: truncate, after: 40 words }',
      '6: provider.faults[0].after: must be a number of stream chunks, or of tokens such as 40 tokens; for `reset`, a time such as 2s, not "40 words"',
    ],
    [
      'provider:\n  faults:\n    - { kind: truncate, after: 40 tokens, by: 30s }',
      '6: provider.faults[0].by: does not apply to kind: truncate; it belongs to hang, slow, slow-body, stall',
    ],
    ['provider:\n  faults:\n    - { status: 200 }', '6: provider.faults[0].status: must be at least 400'],
    ['provider: { dialect: openay }', /^4: provider.dialect: unknown value "openay" \(did you mean "openai"\?\)$/],
    ['provider: { answer: loren }', /^4: provider.answer: unknown value "loren" \(did you mean "lorem"\?\)$/],
    [
      'provider:\n  answer:\n    rules:\n      - { response: { status: 200, error: { message: x } } }',
      /^7: provider.answer.rules\[0\].response.status: must be at least 400$/,
    ],
    [
      'thresholds: { call_duraton: ["p(95)<1s"] }',
      /^4: thresholds.call_duraton\[0\]: unknown metric call_duraton.*\(did you mean "call_duration"\?\)$/,
    ],
    [
      'thresholds:\n  call_failed: ["p(95)<1s"]',
      '5: thresholds.call_failed[0]: call_failed is a rate: use rate, not p',
    ],
    [
      'thresholds:\n  call_failed: ["rate below 1"]',
      /^5: thresholds.call_failed\[0\]: cannot read "rate below 1" \(aggregation operator bound/,
    ],
    [
      'thresholds:\n  "call_failed{model:x}": ["rate<1"]',
      '5: thresholds.call_failed{model:x}[0]: call_failed does not have the tag model; its tags are result, status, code, error, load, client, replica',
    ],
    ['thresholds:\n  calls: ["count<1%"]', '5: thresholds.calls[0]: calls is not a share'],
    [
      'verdicts: { ignores-retry-afer: error }',
      /^4: verdicts.ignores-retry-afer: unknown verdict .*\(did you mean "ignores-retry-after"\?\)$/,
    ],
    [
      'verdicts: { gives-up-early: fatal }',
      '4: verdicts.gives-up-early: must be error, warn or off, or { severity, and settings of the verdict }, not "fatal"',
    ],
    ['verdicts: { gives-up-early: { severity: fatal } }', /^4: verdicts.gives-up-early.*must be/],
    [
      'verdicts: { gives-up-early: { patients: 3s } }',
      '4: verdicts.gives-up-early.patients: gives-up-early has no setting patients (did you mean "patience"?)',
    ],
    [
      'verdicts: { gives-up-early: { patience: long } }',
      '4: verdicts.gives-up-early.patience: must be a duration such as 30s: how long after the start of a call its reply is still useful',
    ],
    [
      'verdicts: { gives-up-early: { fail: 120% } }',
      '4: verdicts.gives-up-early.fail: must be a share such as 0.1 or 10%: fail above this share of calls',
    ],
  ])('%s', async (line, expected) => {
    const error = await failureOf(`${HEAD}${line}\n`);
    expect(error.code).toBe('scenario/invalid');
    expect(shown(error)).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  it.each([
    [
      '{ executor: constant-vu, vus: 1, duration: 1s }',
      /^3: load\[0\].executor: unknown value "constant-vu" \(did you mean "constant-vus"\?\)$/,
    ],
    ['{ executor: constant-vus, duration: 1s }', '3: load[0].vus: is required'],
    ['{ executor: constant-vus, vus: 0, duration: 1s }', '3: load[0].vus: must be at least 1'],
    ['{ executor: constant-vus, vus: 1.5, duration: 1s }', '3: load[0].vus: must be an int, not 1.5'],
    [
      '{ executor: constant-vus, vus: 1, duration: 5 }',
      '3: load[0].duration: must be a duration such as 250ms, 30s, 1m30s or 2h, not 5',
    ],
    [
      '{ executor: constant-vus, vus: 1, duration: 1s, wait: { between: [2s, 1s] } }',
      '3: load[0].wait.between: the minimum must not exceed the maximum',
    ],
    ['{ executor: constant-vus, vus: 1, duration: 1s, wait: 1s }', /^3: load\[0\].wait: must be { between:/],
    ['{ executor: constant-arrival-rate, rate: -5, duration: 1s }', /^3: load\[0\].rate: must be at least 0/],
    ['{ executor: ramping-vus, stages: [] }', '3: load[0].stages: must have at least 1 entry'],
  ])('load: [%s]', async (executor, expected) => {
    const yaml = `name: x\nclient: { module: ./client.ts }\nload: [${executor}]\n`;
    expect(shown(await failureOf(yaml))).toEqual([
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    ]);
  });

  it('a missing client file', async () => {
    const [problem] = (await failureOf(HEAD.replace('client.ts', 'nope.ts'))).problems;
    expect(problem).toMatchObject({
      path: 'client.module',
      line: 2,
      message: expect.stringMatching(/there is no file .*nope.ts$/),
    });
  });
});

it('all problems are reported at once', async () => {
  const yaml =
    'name: bad name\nseeds: 1\nprovider:\n  limits:\n    - { capacity: 0, refil: 5/s }\nclient: {}\nload: []\n';
  expect(shown(await failureOf(yaml)).map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual([
    '1: name',
    '2: seeds',
    '5: provider.limits[0].capacity',
    '5: provider.limits[0].refil',
    '6: client.module',
    '7: load',
  ]);
});

it('a wrong form or a wrong value hides no other problem', async () => {
  const yaml = `name: bad
sed: 3
client: { module: ./client.ts, timeot: 3s, command: [x] }
retries: { max: 3 }
call: { stream: maybe }
load:
  - { executor: constant-vuss, vus: 0, duration: 10 }
  - { executor: something, vus: 0, iterations: 2, rate: 5/s }
provider:
  limits:
    - { capacity: 5, rate: 5/x }
    - requests fast
    - { algorithm: fixed, amount: many, window: 1s }
    - { refill: 0/s, scope: nobody }
  faults: [{ kind: hang, status: 500 }, { kind: hnag, status: 900 }, { rate: 200% }]
  latency: { firstTokn: 3ms }
thresholds:
  call_durtion: [p(95)<20s]
  call_duration: [p(95)<<20s, 7]
verdicts:
  no-jiter: error
  amplifies-load: { severity: fatal, values: 3 }
`;
  expect(shown(await failureOf(yaml)).map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual([
    '2: sed',
    '3: client.timeot',
    '3: client.command',
    '4: retries',
    '5: call.stream',
    '7: load[0].executor',
    '7: load[0].vus',
    '7: load[0].duration',
    '8: load[1].executor',
    '8: load[1].vus',
    '11: provider.limits[0].refill',
    '11: provider.limits[0].rate',
    '12: provider.limits[1].refill',
    '13: provider.limits[2].algorithm',
    '13: provider.limits[2].amount',
    '14: provider.limits[3].scope',
    '14: provider.limits[3].refill',
    '15: provider.faults[0].status',
    '15: provider.faults[1].kind',
    '15: provider.faults[1].status',
    '15: provider.faults[2].rate',
    '16: provider.latency.firstTokn',
    '18: thresholds.call_durtion[0]',
    '19: thresholds.call_duration[1]',
    '19: thresholds.call_duration[0]',
    '21: verdicts.no-jiter',
    '22: verdicts.amplifies-load.severity',
    '22: verdicts.amplifies-load.values',
  ]);
});

describe('what is mended to look further is not reported', () => {
  it.each([
    ['client: { command: 5, protocol: worker, workers: 2 }', ['2: client.command']],
    ['client: { module: 7 }\ntime: { scaled: 60 }', ['2: client.module', '3: time']],
    ['client: { module: ./nope.ts, timeot: 1s }', ['2: client.timeot', '2: client.module']],
    [
      'client: ./client.ts\nprovider: { limits: [{ refill: 5/s, capacity: x }, requests 5/s] }',
      ['3: provider.limits[0].capacity', '3: provider.limits[1].name'],
    ],
    [
      'client: ./client.ts\nprovider: { faults: [{ kind: nonsense, by: 3s, after: 2 }] }',
      ['3: provider.faults[0].kind'],
    ],
    [
      'client: ./client.ts\ncall: { model: 3 }\nprovider: { limits: [{ refill: 5/s, models: [gpt-4o] }] }',
      ['3: call.model'],
    ],
    ['client: { autocannon: { connections: x, workers: 4 } }', ['2: client.autocannon.connections', '3: load']],
  ])('%s', async (lines, expected) => {
    const load = 'load: [{ executor: constant-vus, vus: 1, duration: 1s }]';
    const found = shown(await failureOf(`name: x\n${lines}\n${load}\n`));
    expect(found.map((text) => text.split(': ').slice(0, 2).join(': '))).toEqual(expected);
  });
});

describe('files that are not a valid scenario', () => {
  it('missing', async () => {
    await expect(loadScenario(join(folder, 'missing.yaml'))).rejects.toMatchObject({
      code: 'scenario/not-found',
      origin: 'input',
    });
    await expect(loadScenario(join(folder, 'missing.ts'))).rejects.toMatchObject({ code: 'scenario/not-found' });
  });

  it('invalid YAML: every syntax error with its line', async () => {
    const error = await failureOf('name: x\n  seed: 1\nload: [1\nname: y\n');
    expect(error.code).toBe('scenario/bad-yaml');
    expect(error.problems.length).toBeGreaterThan(1);
    expect(error.problems.every(({ line }) => line !== undefined && line > 0)).toBe(true);
  });

  it('empty', async () => {
    expect(shown(await failureOf(''))).toEqual([
      '1: name: is required',
      '1: client: is required: a module such as ./client.ts, or { module, command, undici, autocannon or model }',
      '1: load: is required',
    ]);
  });

  it('a module that throws, and one without a default export', async () => {
    expect(await failureOf('throw new Error("no scenario today");', {}, 'throws.ts')).toMatchObject({
      code: 'scenario/module-failed',
      problems: [{ message: expect.stringContaining('no scenario today') }],
    });
    expect(await failureOf('export const x = 1;', {}, 'nothing.ts')).toMatchObject({
      code: 'scenario/invalid',
      problems: [{ message: 'has no default export', hint: 'export default defineScenario({ … })' }],
    });
  });
});

describe('--set', () => {
  it.each([
    [{ 'load[0].vus': '0' }, '--set load[0].vus=0: must be at least 1'],
    [{ 'load[4].vus': '1' }, '--set load[4].vus: load has one entry, load[0] (did you mean load[0].vus?)'],
    [{ 'load[1].vus': '1' }, '--set load[1].vus: load has one entry, load[0] (did you mean load[0].vus?)'],
    [{ 'load.vus': '1' }, '--set load.vus: load is a list (did you mean load[0].vus?)'],
    [{ 'load.foo': '1' }, '--set load.foo: load is a list'],
    [{ 'load[0]vus': '1' }, '--set load[0]vus: is not a path such as load[0].vus (did you mean load[0].vus?)'],
    [{ 'load[x].vus': '1' }, '--set load[x].vus: is not a path such as load[0].vus (did you mean load[0].vus?)'],
    [{ 'load[0].foo': '1' }, /^--set load\[0\].foo=1: unknown key; allowed here: executor, vus, /],
    [{ 'provider.retry': 'none' }, /^--set provider.retry=none: unknown key; allowed here: dialect, /],
    [{ 'client.retries.mx': '1' }, '--set client.retries.mx=1: unknown key (did you mean "max"?)'],
    [{ 'retries.max': '1' }, /^--set retries.max=1: unknown key; .* \(did you mean client.retries.max\?\)$/],
    [{ 'name.first': 'x' }, '--set name.first: name is "x": it has no keys'],
    [{ 'client[0]': 'x' }, '--set client[0]: client is not a list (did you mean client?)'],
    [{ '__proto__.x': '1' }, '--set __proto__.x: is not a path such as load[0].vus'],
    [{ 'constructor.x': '1' }, /^--set constructor.x=1: unknown key; allowed here: /],
    [{ about: '[1' }, /^--set about=\[1: is not valid YAML: /],
    [{ load: '[{ executor: constant-vus, duration: 1s }]' }, /^--set load=.* \[0\].vus: is required$/],
  ] as const)('%j', async (overrides, expected) => {
    const found = shown(await failureOf(HEAD, { overrides }));
    expect(found).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  it.each([
    [
      [
        ['load[0].vus', '2'],
        ['load[0].vus', '3'],
      ],
      '--set load[0].vus=3: sets load[0].vus again, after --set load[0].vus=2',
    ],
    [
      [
        ['load.users.vus', '2'],
        ['load[0].vus', '3'],
      ],
      '--set load[0].vus=3: sets load[0].vus again, after --set load.users.vus=2',
    ],
    [
      [
        ['call.model', 'x'],
        ['call', '{ stream: true }'],
      ],
      '--set call={ stream: true }: replaces what --set call.model=x has set',
    ],
  ] as const)('%j', async (settings, expected) => {
    const overrides = settings.map(([path, value]) => ({ path, value }));
    const yaml = HEAD.replace('executor', 'name: users, executor');
    expect(shown(await failureOf(yaml, { overrides }))).toEqual([expected]);
  });

  it('every wrong setting in one round, before what is wrong in the file', async () => {
    const overrides = [
      { path: 'load.vus', value: '3' },
      { path: 'seed', value: 'abc', flag: '--seed' },
      { path: 'load.rate', flag: '--vary load.rate' },
      { path: 'foo', value: '1' },
    ];
    expect(shown(await failureOf(`${HEAD}call: { stream: maybe }\n`, { overrides }))).toEqual([
      '--set load.vus: load is a list (did you mean load[0].vus?)',
      '--vary load.rate: load is a list',
      '--seed abc: must be a number, not "abc"',
      expect.stringMatching(/^--set foo=1: unknown key; allowed here: /),
      '4: call.stream: must be a boolean, not "maybe"',
    ]);
  });

  it('a block before a part of it, and a part of what is written short', async () => {
    const file = join(folder, 'short.yaml');
    const verdicts = 'verdicts: { leaves-quota-unused: error }\nthresholds: { calls: [count>1] }';
    writeFileSync(file, `name: x\nclient: ./client.ts\n${HEAD.split('\n')[2]}\n${verdicts}\n`);
    const overrides = [
      { path: 'call', value: '{ stream: true }' },
      { path: 'call.model', value: 'gpt-4o' },
      { path: 'client.env.MODE', value: 'fast' },
      { path: 'verdicts.leaves-quota-unused.fail', value: '50%' },
      { path: 'thresholds.calls[0].abortOnFail', value: 'true' },
      { path: 'thresholds.calls[1]', value: 'count<9' },
      { path: 'provider.limits', value: '[requests 5/s]' },
      { path: 'provider.limits[0].burst', value: '9' },
    ];
    expect(await loadScenario(file, { overrides, check: checkScenario })).toMatchObject({
      call: { model: 'gpt-4o', stream: true },
      client: { code: { module: join(folder, 'client.ts') }, written: './client.ts', env: { MODE: 'fast' } },
      verdicts: { 'leaves-quota-unused': { severity: 'error', fail: '50%' } },
      thresholds: [{ expression: 'count>1', abortOnFail: true }, { expression: 'count<9' }],
      provider: { limits: [{ spec: { capacity: 9 } }] },
    });
  });

  it('sets list items by index and by name, and creates missing blocks', async () => {
    const file = join(folder, 'set.yaml');
    writeFileSync(file, `${HEAD}provider: { limits: [{ name: rpm, refill: 5/s }] }\n`);
    const overrides = { 'load[0].vus': '7', 'provider.limits.rpm.capacity': '9', 'call.model': 'gpt-4o', seed: '42' };
    const scenario = await loadScenario(file, { overrides });
    expect(scenario).toMatchObject({
      seed: 42,
      call: { model: 'gpt-4o' },
      load: [{ vus: 7 }],
      provider: { seed: 42, limits: [{ name: 'rpm', spec: { capacity: 9 } }] },
    });
  });
});
