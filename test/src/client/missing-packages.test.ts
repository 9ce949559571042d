import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePackages } from '../../../src/client/missing-packages.ts';

let root: string;
const put = (name: string, text: string): string => {
  const file = join(root, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quotalab-bundled-'));
  put('package.json', JSON.stringify({ name: 'quotalab', devDependencies: { got: '^16.1.0' } }));
  put('node_modules/ai/package.json', '{ "name": "ai" }');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('packages that a bundled client imports', () => {
  it('are named together, with their majors, before anything runs', () => {
    const client = put('scenarios/daily/client.ts', "export default () => import('./clients/got.ts');\n");
    put('scenarios/daily/clients/got.ts', "import got from 'got';\nimport { generateText } from 'ai';\n");
    put(
      'scenarios/daily/clients/sdk.ts',
      "import type { ClientCall } from 'quotalab';\nimport x from '@scope/sdk/deep';\n",
    );
    expect(() => ensurePackages(client)).toThrow(
      expect.objectContaining({
        code: 'client/missing-packages',
        message: 'the client needs packages that are not installed: @scope/sdk, got',
        problems: [expect.objectContaining({ hint: 'npm install @scope/sdk got@16' })],
      }),
    );
  });

  it('are not reported for imports of types, files and Node modules', () => {
    const client = put(
      'scenarios/naive/client.ts',
      "import type OpenAI from 'openai';\nimport { readFileSync } from 'fs';\nimport { setTimeout } from 'node:timers/promises';\nimport { ask } from '../ask.ts';\nimport { generateText } from 'ai';\n",
    );
    expect(() => ensurePackages(client)).not.toThrow();
  });

  it('are not reported for a client in a package of its own', () => {
    put('package.json', '{ "name": "checkout-assistant" }');
    const client = put('client.ts', "import got from 'got';\n");
    expect(() => ensurePackages(client)).not.toThrow();
  });
});
