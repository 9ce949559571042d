import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../../src/experiment/run.ts';
import { missingPackagesError } from '../../../src/run/missing-import.ts';
import { quotalab } from '../../quotalab.ts';

const failed = (message: string) => ({ error: { name: 'Error', message } });

it.each([
  ["Cannot find package 'got' imported from /app/client.ts", 'npm install got'],
  ["Cannot find package '@scope/sdk' imported from /app/client.ts", 'npm install @scope/sdk'],
  ["Cannot find module '@scope/sdk/deep'\nRequire stack:\n- /app/client.cjs", 'npm install @scope/sdk'],
  ["ended with exit code 1: ModuleNotFoundError: No module named 'aiohttp.web'", 'pip install aiohttp'],
])('%s', (message, hint) => {
  expect(missingPackagesError([{}, failed(message), {}])).toMatchObject({
    code: 'client/missing-packages',
    origin: 'input',
    problems: [{ path: 'client', message: expect.stringContaining('1 call failed'), hint }],
  });
});

it('a missing file, and any other failure, is the client’s own', () => {
  const calls = [
    failed("Cannot find module '/app/clients/got.ts' imported from /app/client.ts"),
    failed("Cannot find module './got.ts'"),
    failed('429 Too many requests'),
    {},
  ];
  expect(missingPackagesError(calls)).toBeUndefined();
});

it('a client of which three in four calls miss a package: what to install, and no result', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-missing-'));
  const client = `const { env } = process;
const ask = () => fetch(env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }), headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY } });
export default (call) => (call.id % 4 === 0 ? ask() : import('no-such-package'));
`;
  writeFileSync(join(cwd, 'client.mjs'), client);
  const load = 'load: [{ executor: shared-iterations, iterations: 20 }]';
  writeFileSync(join(cwd, 'scenario.yaml'), `name: x\nclient: ./client.mjs\n${load}\n`);
  const { error, passed } = await run(join(cwd, 'scenario.yaml'), { confirm: false });
  expect(passed).toBe(false);
  expect(error).toMatchObject({
    code: 'client/missing-packages',
    message: '15 of 20 calls failed, since the client imports what is not installed: no-such-package',
    problems: [{ hint: 'npm install no-such-package' }],
  });
});

it('a client that cannot be imported leaves no empty folder', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-missing-'));
  writeFileSync(join(cwd, 'client.mjs'), "import 'no-such-package';\nexport default () => 1;\n");
  const load = 'load: [{ executor: shared-iterations, iterations: 1 }]';
  writeFileSync(join(cwd, 'scenario.yaml'), `name: x\nclient: ./client.mjs\n${load}\n`);
  const { code, stderr } = await quotalab(['run', 'scenario.yaml'], { cwd });
  expect(stderr).toContain('npm install no-such-package');
  expect(code).toBe(2);
  expect(readdirSync(cwd).sort()).toEqual(['client.mjs', 'scenario.yaml']);
});
