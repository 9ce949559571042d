import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { digest } from '../../../mock-server/digest.ts';
import { QuotaLabError } from '../../../mock-server/error.ts';
import { providerEnvironment } from '../../../src/client/client.ts';
import { checkModel } from '../../../src/plan/check-model.ts';
import { createHeader } from '../../../src/run/header.ts';
import { loadScenario } from '../../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-gateway-scenario-'));
  writeFileSync(join(folder, 'client.ts'), 'export default async () => {};\n');
  writeFileSync(join(folder, 'valid.conf'), 'listen {{port}};\n');
  writeFileSync(join(folder, 'portless.conf'), 'listen 80;\n');
  mkdirSync(join(folder, 'folder.conf'));
});

const HEAD = 'name: x\nclient: { module: ./client.ts }\nload: [{ executor: constant-vus, vus: 1, duration: 1s }]\n';

function load(yaml: string, options: Parameters<typeof loadScenario>[1] = {}): Promise<Scenario> {
  writeFileSync(join(folder, 'scenario.yaml'), HEAD + yaml);
  return loadScenario(join(folder, 'scenario.yaml'), options);
}

async function problemsOf(yaml: string, options: Parameters<typeof loadScenario>[1] = {}): Promise<string[]> {
  const error = await load(yaml, options).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(QuotaLabError);
  return (error as QuotaLabError).problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('gateway:', () => {
  it('implies wall time; files are relative to the scenario', async () => {
    const { time, gateway } = await load(
      "gateway: { command: [node, '{config}'], config: ./valid.conf, env: { A: 1 } }",
    );
    expect(time).toBe('wall');
    expect(gateway).toEqual({
      command: ['node', '{config}'],
      config: {
        file: join(folder, 'valid.conf'),
        written: './valid.conf',
        hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      env: { A: '1' },
      startTimeoutUs: 30e6,
      folder,
    });
  });

  it('is written to a journal without its folder, with hashed variables and hidden secrets', async () => {
    const scenario = await load(
      "gateway: { command: [node, '{config}', '--token', secret-token], config: ./valid.conf, env: { KEY: sk-secret } }",
    );
    const header = createHeader(scenario, 'quotalab test', 0);
    expect(header.scenario.gateway).toEqual({
      command: ['node', '{config}', '--token', '…'],
      config: { file: './valid.conf', written: './valid.conf', hash: scenario.gateway!.config!.hash },
      env: { KEY: digest('sk-secret') },
      startTimeoutUs: 30e6,
      folder: '.',
    });
    expect(JSON.stringify(header)).not.toMatch(/sk-secret|secret-token|quotalab-gateway-scenario/);
  });

  it.each([
    ["time: virtual\ngateway: { command: [node, '{port}'] }", /^gateway: is a separate process .* in virtual time$/],
    ["time: model\ngateway: { command: [node, '{port}'] }", /^gateway: is a separate process .* in model time$/],
    ['gateway: { command: [node] }', /^gateway.command: does not contain \{port\}$/],
    ["gateway: { command: [node, '{config}'] }", /^gateway.config: is required/],
    [
      "gateway: { command: [no-such-gateway, '{port}'] }",
      /^gateway.command\[0\]: no-such-gateway cannot be started: is not/,
    ],
    ['gateway: { command: [node], config: ./none.conf }', /^gateway.config: there is no file .*none.conf$/],
    ['gateway: { command: [node], config: ./folder.conf }', /^gateway.config: there is no file .*folder.conf$/],
    ['gateway: { command: [node], config: ./portless.conf }', /^gateway.config: does not contain \{\{port\}\}$/],
    ['gateway: { command: [] }', /^gateway.command: must have at least 1 entry$/],
  ])('%s: %s', async (yaml, problem) => {
    const problems = await problemsOf(yaml);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });

  it('is rejected by plan and sweep', async () => {
    const yaml = "gateway: { command: [node, '{port}'] }";
    expect(await problemsOf(yaml, { check: checkModel })).toEqual([
      'gateway: is a separate program, which a model run does not support',
    ]);
  });
});

describe('named provider.keys', () => {
  it('are accepted, passed to the client by name, and written as hashes with their names', async () => {
    const scenario = await load('provider: { keys: { shop: sk-shop, bank: sk-bank } }');
    expect(scenario.provider).toMatchObject({ keys: ['sk-shop', 'sk-bank'], keyNames: ['shop', 'bank'] });
    const env = providerEnvironment('http://127.0.0.1:1', scenario.provider);
    expect(JSON.parse(env.QUOTALAB_KEYS!)).toEqual({ shop: 'sk-shop', bank: 'sk-bank' });
    expect(env.OPENAI_API_KEY).toBe('sk-shop');
    const { provider } = createHeader(scenario, 'quotalab test', 0).scenario;
    expect(provider).toMatchObject({ keys: [digest('sk-shop'), digest('sk-bank')], keyNames: ['shop', 'bank'] });
  });

  it('unnamed keys are not passed to the client', async () => {
    const scenario = await load('provider: { keys: [sk-one] }');
    expect(scenario.provider).not.toHaveProperty('keyNames');
    expect(providerEnvironment('http://127.0.0.1:1', scenario.provider)).not.toHaveProperty('QUOTALAB_KEYS');
  });

  it('no keys or an empty key is a problem', async () => {
    expect(await problemsOf('provider: { keys: {} }')).toEqual(['provider.keys: must have at least one key']);
    expect(await problemsOf("provider: { keys: { shop: '' } }")).toHaveLength(1);
  });
});
