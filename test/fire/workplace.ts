import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN } from '../quotalab.ts';

/** A folder in which quotalab is run, with a client that tells which of its attempts have been answered. */
export interface Workplace {
  readonly folder: string;
  /** Variable that every process of this place inherits: its value is found nowhere else. */
  readonly mark: string;
  /** Attempts that the client has completed. */
  completed(): number;
  /** Starts quotalab, or another program that starts it. */
  start(args: readonly string[], program?: readonly string[]): Started;
  remove(): void;
}

export interface Started {
  readonly child: ChildProcess & { readonly pid: number };
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

export const QUOTALAB: readonly string[] = [process.execPath, BIN];

/** As on a machine whose own Node is too old for quotalab: it starts a newer one. */
export const QUOTALAB_ON_OLD_NODE: readonly string[] = [
  process.execPath,
  '--import',
  "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } })",
  BIN,
];

/** Sends one request and notes its end. Plain fetch: a client of each kind is built on it. */
const ASK = `
import { appendFileSync } from 'node:fs';
export async function ask(base, headers = {}) {
  const response = await fetch(base + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] }),
  });
  await response.text();
  appendFileSync(process.env.COMPLETED, response.status + '\\n');
  return response.status;
}
`;
const FILES: Readonly<Record<string, string>> = {
  'ask.mjs': ASK,
  'client.mjs': `import { ask } from './ask.mjs';
export default (_call, { env }) => ask(env.OPENAI_BASE_URL);
`,
  'call.mjs': `import { ask } from './ask.mjs';
process.stdout.write(JSON.stringify(await ask(process.env.OPENAI_BASE_URL)));
`,
  'worker.mjs': `import { createInterface } from 'node:readline';
import { ask } from './ask.mjs';
// Ends only when it is killed.
setInterval(() => {}, 1000);
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, headers } = JSON.parse(line);
  console.log(JSON.stringify({ id, result: await ask(process.env.OPENAI_BASE_URL, headers) }));
});
`,
  'program.mjs': `import { ask } from './ask.mjs';
const endMs = Date.now() + Number(process.argv[2]);
while (Date.now() < endMs) await ask(process.env.OPENAI_BASE_URL);
`,
  'call.py': `import json, os, urllib.request
request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(
    {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}).encode(),
    {"content-type": "application/json", "authorization": "Bearer " + os.environ["OPENAI_API_KEY"]})
urllib.request.urlopen(request).read()
with open(os.environ["COMPLETED"], "a") as completed:
    completed.write("200\\n")
print("1")
`,
  'nginx.conf': `worker_processes 2;
pid {{folder}}/pid;
events {}
http {
  access_log off;
  client_body_temp_path {{folder}}/a; proxy_temp_path {{folder}}/b; fastcgi_temp_path {{folder}}/c;
  uwsgi_temp_path {{folder}}/d; scgi_temp_path {{folder}}/e;
  server { listen 127.0.0.1:{{port}}; location / { proxy_pass http://{{upstream}}; } }
}
`,
};

/** Creates a folder with `scenario` as scenario.yaml. */
export function createWorkplace(scenario = ''): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-fire-'));
  const mark = randomBytes(8).toString('hex');
  mkdirSync(join(folder, 'tmp'));
  for (const [name, text] of Object.entries({ ...FILES, 'scenario.yaml': scenario })) {
    writeFileSync(join(folder, name), text);
  }
  const completed = join(folder, 'completed');
  const env = { ...process.env, FIRE: mark, COMPLETED: completed, TMPDIR: join(folder, 'tmp'), GITHUB_ACTIONS: '' };
  return {
    folder,
    mark,
    completed: () => (existsSync(completed) ? readFileSync(completed, 'utf8').split('\n').length - 1 : 0),
    start(args, [command, ...before] = QUOTALAB) {
      const child = spawn(command!, [...before, ...args], {
        cwd: folder,
        env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return { child: child as Started['child'], ended: waitForEnd(child) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function waitForEnd(child: ChildProcess): Started['ended'] {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  // Orphans may hold the pipes open.
  return new Promise((resolve) => child.on('exit', (code) => setTimeout(() => resolve({ code, ...output }), 50)));
}
