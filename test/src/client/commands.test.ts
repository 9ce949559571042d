import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallOutcome, Client } from '../../../src/client/client.ts';
import { startClient } from '../../../src/client/start-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import { findLiving, findLivingAfterWait } from '../../processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-commands-'));
const clock = wallClock();
const never = new AbortController().signal;

let client: Client | undefined;
afterEach(() => client?.stop());

interface Started {
  readonly client: Client;
  readonly printed: () => string;
  calls(count: number): Promise<Pick<CallOutcome, 'result' | 'error' | 'outputSize'>[]>;
}

/** Starts a client command: a shell script, or a module run by node. */
async function startCommand(
  text: string,
  { protocol = 'call', workers = 1, by = 'sh' }: { protocol?: 'call' | 'worker'; workers?: number; by?: string } = {},
): Promise<Started> {
  const file = join(folder, `client-${Math.floor(clock.nowUs())}.${by === 'sh' ? 'sh' : 'mjs'}`);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  let printed = '';
  const code = { kind: 'command', command: [by, file], protocol, workers, folder } as const;
  const started = await startClient(
    { code, env: { FROM_SCENARIO: 'yes' } },
    {
      url: 'http://127.0.0.1:9',
      provider: { keys: 'any', dialect: 'openai' },
      clock,
      environment: (own) => own,
      allowHosts: [],
      signal: never,
      print: (text) => {
        printed += text;
      },
    },
  );
  client = started;
  const call = (id: number): Promise<CallOutcome> =>
    started.call({ id, vu: id, iteration: 0, model: 'gpt-4o-mini', prompt: `ask "${id}"`, stream: false });
  return {
    client: started,
    printed: () => printed,
    async calls(count) {
      const outcomes = await Promise.all(Array.from({ length: count }, (_, index) => call(index + 1)));
      return outcomes.map(({ startUs, endUs, ...ended }) => {
        expect(endUs).toBeGreaterThanOrEqual(startUs);
        return ended;
      });
    },
  };
}

const failed = (name: string, message: unknown): object => ({ result: 'error', error: { name, message } });

describe('a command is started for each call', () => {
  it('with the call on stdin, its own base URL, and the variables of the scenario', async () => {
    const { calls, printed } = await startCommand(
      'cat >&2; echo "$OPENAI_BASE_URL $OPENAI_API_KEY $NO_PROXY $FROM_SCENARIO" >&2; echo \'"four"\'',
    );
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 4 }]);
    const [message, variables] = printed().split('\n');
    expect(JSON.parse(message!)).toEqual({
      id: 1,
      vu: 1,
      iteration: 0,
      model: 'gpt-4o-mini',
      prompt: 'ask "1"',
      stream: false,
      headers: { 'x-quotalab-call': '1' },
    });
    expect(variables).toBe('http://127.0.0.1:9/c/1/v1 sk-quotalab-0123456789abcdef 127.0.0.1,localhost,::1 yes');
  });

  it.each([
    ['null', { result: 'ok' }],
    ['{"choices": [{"message": {"content": "twelve chars"}}]}', { result: 'ok', outputSize: 12 }],
    ['{"text": "abc", "fallback": true}', { result: 'ok', outputSize: 3, fallback: true }],
    ['I begin\n"the last line counts"', { result: 'ok', outputSize: 20 }],
    ['I begin\n{\n  "text": "abc"\n}', { result: 'ok', outputSize: 3 }],
    ['{"error": "too many"}', failed('error', 'too many')],
    [
      '{"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded", "status": 429}}',
      {
        result: 'error',
        error: { name: 'requests', message: 'Rate limit reached', code: 'rate_limit_exceeded', status: 429 },
      },
    ],
  ])('and its output is the result: %s', async (printed, expected) => {
    const { calls } = await startCommand(`cat > /dev/null; cat <<'END'\n${printed}\nEND`);
    expect(await calls(1)).toEqual([expected]);
  });

  it.each([
    ['that exits 1', 'echo "no key" >&2; exit 1', failed('CommandFailed', 'ended with exit code 1: no key')],
    ['that exits 1 with a result', 'echo 1; exit 1', failed('CommandFailed', 'ended with exit code 1')],
    ['that is killed', 'kill -KILL $$', failed('CommandFailed', 'was killed by SIGKILL')],
    ['that prints nothing', ':', failed('NoOutput', 'printed nothing; expected JSON on stdout')],
    ['that prints no JSON', 'echo all went well', failed('NotJson', 'did not print JSON: all went well')],
    [
      'that prints 10 MB',
      'head -c 10000000 /dev/zero; sleep 100',
      failed('TooMuchOutput', 'printed more than 4 MiB, the maximum size of a result'),
    ],
    ['that closes its stdin unread', 'exec <&-; sleep 0.05; echo 1', { result: 'ok' }],
  ])('a command %s fails with a reason', async (_name, script, expected) => {
    const { calls } = await startCommand(script);
    expect(await calls(1)).toEqual([expected]);
  });

  it('shows only the end of output that is not JSON', async () => {
    const { calls } = await startCommand('head -c 5000 /dev/zero | tr "\\0" x; echo END');
    const [{ error }] = (await calls(1)) as [CallOutcome];
    expect(error?.message).toMatch(/^did not print JSON: …x{397}END$/);
  });

  it('gives up after three first calls without a result', async () => {
    const { calls, client: tested } = await startCommand('echo "Traceback: no module named nothing" >&2; exit 1');
    expect((await calls(3)).map(({ result }) => result)).toEqual(['error', 'error', 'error']);
    expect(await tested.died).toMatchObject({
      code: 'client/no-results',
      problems: [{ path: 'client.command', message: expect.stringContaining('no module named nothing') }],
    });
  });
});

describe('no process of a command is left running', () => {
  /** A unique sleep time, to find the process by. */
  const uniqueSleep = (): string => `30.${Math.floor(clock.nowUs() % 1e9)}`;

  it('a child that outlives its call and keeps stdout open', async () => {
    const seconds = uniqueSleep();
    const { calls } = await startCommand(`sleep ${seconds} &\necho '"done"'`);
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 4 }]);
    expect(await findLivingAfterWait(seconds)).toEqual([]);
  });

  it('a daemon outside the process group, at the end of the run', async () => {
    const seconds = uniqueSleep();
    const { calls, client: tested } = await startCommand(
      `setsid sleep ${seconds} > /dev/null 2>&1 &\nsleep 0.1; echo 1`,
    );
    await calls(1);
    expect(findLiving(seconds).length).toBe(1);
    await tested.stop();
    expect(await findLivingAfterWait(seconds)).toEqual([]);
  });

  it.each(['call', 'worker'] as const)('a process that ignores SIGTERM (%s), and its children', async (protocol) => {
    const seconds = uniqueSleep();
    const { client: tested } = await startCommand(
      `trap '' TERM; sleep ${seconds} & while :; do sleep ${seconds}; done`,
      {
        protocol,
      },
    );
    void tested.call({ id: 1, vu: 1, iteration: 0, model: 'm', prompt: 'p', stream: false });
    while (findLiving(seconds).length < 2) await new Promise((go) => setTimeout(go, 10));
    await tested.stop();
    expect(await findLivingAfterWait(seconds)).toEqual([]);
  });
});

/** A worker that handles each call with the code `handler`, which uses `call`, `calls` and `say`. */
const worker = (handler: string): string => `import { createInterface } from 'node:readline';
const say = (value) => console.log(typeof value === 'string' ? value : JSON.stringify(value));
const calls = [];
createInterface({ input: process.stdin }).on('line', (line) => { const call = JSON.parse(line); calls.push(call); ${handler} });`;

describe('a worker', () => {
  const options = { protocol: 'worker', by: process.execPath } as const;

  it('handles several calls at a time and replies in any order by id', async () => {
    const { calls } = await startCommand(
      worker('if (calls.length === 3) for (const { id } of calls.reverse()) say({ id, result: "x".repeat(id) });'),
      options,
    );
    expect(await calls(3)).toEqual([
      { result: 'ok', outputSize: 1 },
      { result: 'ok', outputSize: 2 },
      { result: 'ok', outputSize: 3 },
    ]);
  });

  it('may reply with a string id and Windows line endings', async () => {
    const { calls } = await startCommand(
      worker('process.stdout.write(JSON.stringify({ id: String(call.id), result: "x" }) + "\\r\\n");'),
      options,
    );
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 1 }]);
  });

  it('has its other output printed', async () => {
    const { calls, printed } = await startCommand(
      worker(
        'say("thinking …"); say({ id: 99 }); console.error("hm"); say({ id: call.id, error: { status: 429, message: "no" } });',
      ),
      options,
    );
    expect(await calls(1)).toEqual([{ result: 'error', error: { name: 'error', message: 'no', status: 429 } }]);
    // stdout and stderr are separate pipes; their order is not defined.
    while (!printed().includes('hm')) await new Promise((go) => setTimeout(go, 5));
    for (const line of ['thinking …\n', '{"id":99}\n', 'hm\n']) expect(printed()).toContain(line);
  });

  it('is restarted when it exits, and its pending calls fail', async () => {
    const { calls } = await startCommand(
      worker(
        'if (call.id === 2) { console.error("out of memory"); process.exit(3); } say({ id: call.id, result: null });',
      ),
      options,
    );
    expect(await calls(2)).toEqual([{ result: 'ok' }, failed('WorkerDied', 'ended with exit code 3: out of memory')]);
    expect(await calls(1)).toEqual([{ result: 'ok' }]);
  });

  it('gets a call if it has the fewest pending calls', async () => {
    const { calls } = await startCommand(
      worker('setTimeout(() => say({ id: call.id, result: "x".repeat(calls.length) }), 500);'),
      { ...options, workers: 3 },
    );
    const sizes = (await calls(6)).map(({ outputSize }) => outputSize);
    expect(sizes).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('is given up after three exits without a reply', async () => {
    const { client: tested } = await startCommand('echo "usage: client FILE"; exit 64', { protocol: 'worker' });
    expect(await tested.died).toMatchObject({
      code: 'client/exited',
      problems: [{ path: 'client.command', message: expect.stringMatching(/ended with exit code 64$/) }],
    });
  });

  it.each([
    ['long', 'x', 5_000_000],
    ['long in bytes, not in characters', '日', 2_000_000],
  ])('fails on a line that is too %s', async (_name, character, count) => {
    const { calls } = await startCommand(
      worker(`process.stdout.write("${character}".repeat(${count})); setInterval(() => {}, 1000);`),
      options,
    );
    expect(await calls(1)).toEqual([
      failed('WorkerDied', 'printed a line longer than 4 MiB, the maximum size of a result'),
    ]);
  });
});
