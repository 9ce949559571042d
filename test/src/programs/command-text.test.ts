import { expect, it } from 'vitest';
import { formatCommand } from '../../../src/programs/command-text.ts';
import { createHeader } from '../../../src/run/header.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';

it.each([
  [['pytest', 'tests/', '-x'], 'pytest tests/ -x'],
  [['sh', '-c', 'echo "a"\n  exit 1'], `sh -c 'echo "a" exit 1'`],
  [['nginx', '-c', '{config}', '-g', 'daemon off;'], `nginx -c {config} -g 'daemon off;'`],
  [['echo', "it's"], `echo 'it'\\''s'`],
  [['client', '--api-key', 'abcdef', '--model', 'gpt-4o'], 'client --api-key … --model gpt-4o'],
  [['client', '--api-key=abcdef', '--token', '--verbose'], 'client --api-key=… --token --verbose'],
  [['env', 'OPENAI_API_KEY=abcdef', 'client'], 'env OPENAI_API_KEY=… client'],
  [['client', 'sk-proj-0123456789abcdef'], 'client …'],
  [['curl', '-H', 'authorization: Bearer sk-0123456789abcdef'], "curl -H 'authorization: Bearer …'"],
])('%j is shown as %s', (command, text) => {
  expect(formatCommand(command)).toBe(text);
});

it('keys in a client command are neither stored nor shown', async () => {
  const command = ['node', 'client.mjs', '--api-key', 'abcdef', 'token=hunter2', 'sk-proj-0123456789abcdef'];
  const load = [{ executor: 'constant-vus' as const, vus: 1, duration: '1s' }];
  const scenario = await scenarioFrom({ name: 'keys', client: { command }, load }, '.');
  const { client } = createHeader(scenario, 'quotalab test', 0).scenario;
  expect(client.written).toBe('node client.mjs --api-key … token=… …');
  expect(client.code).toMatchObject({ command: ['node', 'client.mjs', '--api-key', '…', 'token=…', '…'] });
  expect(scenario.client.code).toMatchObject({ command });
});
