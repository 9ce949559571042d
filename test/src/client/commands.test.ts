import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallOutcome, Client } from '../../../src/client/client.ts';
import { startClient } from '../../../src/client/start-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import { BARE } from '../../../src/retry/preset.ts';
import { living, livingAfterAll } from '../../processes.ts';

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

/** A shell script, or what node runs, as the client. */
async function started(
  text: string,
  { protocol = 'call', workers = 1, by = 'sh' }: { protocol?: 'call' | 'worker'; workers?: number; by?: string } = {},
): Promise<Started> {
  const file = join(folder, `client-${Math.floor(clock.nowUs())}.${by === 'sh' ? 'sh' : 'mjs'}`);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  let printed = '';
  const code = { kind: 'command', command: [by, file], protocol, workers, folder } as const;
  const started = await startClient(
    { code, written: file, env: { FROM_SCENARIO: 'yes' }, model: BARE, assumed: true },
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
  it('told of it on stdin, with a base URL of its own and the variables of the scenario', async () => {
    const { calls, printed } = await started(
      'cat >&2; echo "$OPENAI_BASE_URL $OPENAI_API_KEY $NO_PROXY $FROM_SCENARIO" >&2; echo \'"four"\'',
    );
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 4 }]);
    const [told, variables] = printed().split('\n');
    expect(JSON.parse(told!)).toEqual({
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
  ])('and prints its result: %s', async (printed, expected) => {
    const { calls } = await started(`cat > /dev/null; cat <<'END'\n${printed}\nEND`);
    expect(await calls(1)).toEqual([expected]);
  });

  it.each([
    ['that exits 1', 'echo "no key" >&2; exit 1', failed('CommandFailed', 'ended with exit code 1: no key')],
    ['that exits 1 with a result', 'echo 1; exit 1', failed('CommandFailed', 'ended with exit code 1')],
    ['that is killed', 'kill -KILL $$', failed('CommandFailed', 'was killed by SIGKILL')],
    ['that prints nothing', ':', failed('NoOutput', 'printed nothing; a result is JSON on stdout')],
    ['that prints no JSON', 'echo all went well', failed('NotJson', 'printed no JSON at its end: all went well')],
    [
      'that prints 10 MB',
      'head -c 10000000 /dev/zero; sleep 100',
      failed('TooMuchOutput', 'printed more than the 4 MiB that a result may have'),
    ],
    ['that closes its stdin unread', 'exec <&-; sleep 0.05; echo 1', { result: 'ok' }],
  ])('%s has failed, and says how', async (_name, script, expected) => {
    const { calls } = await started(script);
    expect(await calls(1)).toEqual([expected]);
  });

  it('of the text that is no JSON only the end is shown', async () => {
    const { calls } = await started('head -c 5000 /dev/zero | tr "\\0" x; echo END');
    const [{ error }] = (await calls(1)) as [CallOutcome];
    expect(error?.message).toMatch(/^printed no JSON at its end: …x{397}END$/);
  });

  it('three calls without a result, and none before with one: the program is not what it should be', async () => {
    const { calls, client: tested } = await started('echo "Traceback: no module named nothing" >&2; exit 1');
    expect((await calls(3)).map(({ result }) => result)).toEqual(['error', 'error', 'error']);
    expect(await tested.died).toMatchObject({
      code: 'client/no-results',
      problems: [{ path: 'client.command', message: expect.stringContaining('no module named nothing') }],
    });
  });
});

describe('nothing that a command has started is left', () => {
  /** Names a process that sleeps, so that it can be found. */
  const sleeper = (): string => `30.${Math.floor(clock.nowUs() % 1e9)}`;

  it('a child that outlives its call, and holds on to stdout', async () => {
    const seconds = sleeper();
    const { calls } = await started(`sleep ${seconds} &\necho '"done"'`);
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 4 }]);
    expect(await livingAfterAll(seconds)).toEqual([]);
  });

  it('a daemon that has left the group, when the run is over', async () => {
    const seconds = sleeper();
    const { calls, client: tested } = await started(`setsid sleep ${seconds} > /dev/null 2>&1 &\nsleep 0.1; echo 1`);
    await calls(1);
    expect(living(seconds).length).toBe(1);
    await tested.stop();
    expect(await livingAfterAll(seconds)).toEqual([]);
  });

  it.each(['call', 'worker'] as const)('one that ignores SIGTERM (%s), and its children', async (protocol) => {
    const seconds = sleeper();
    const { client: tested } = await started(`trap '' TERM; sleep ${seconds} & while :; do sleep ${seconds}; done`, {
      protocol,
    });
    void tested.call({ id: 1, vu: 1, iteration: 0, model: 'm', prompt: 'p', stream: false });
    while (living(seconds).length < 2) await new Promise((go) => setTimeout(go, 10));
    await tested.stop();
    expect(await livingAfterAll(seconds)).toEqual([]);
  });
});

/** Answers calls as `answer` does, given `call` and `say`. */
const worker = (answer: string): string => `import { createInterface } from 'node:readline';
const say = (value) => console.log(typeof value === 'string' ? value : JSON.stringify(value));
const told = [];
createInterface({ input: process.stdin }).on('line', (line) => { const call = JSON.parse(line); told.push(call); ${answer} });`;

describe('a worker goes on from call to call', () => {
  const options = { protocol: 'worker', by: process.execPath } as const;

  it('several at a time, answered in any order by id', async () => {
    const { calls } = await started(
      worker('if (told.length === 3) for (const { id } of told.reverse()) say({ id, result: "x".repeat(id) });'),
      options,
    );
    expect(await calls(3)).toEqual([
      { result: 'ok', outputSize: 1 },
      { result: 'ok', outputSize: 2 },
      { result: 'ok', outputSize: 3 },
    ]);
  });

  it('the id may be a text, and a line may end as on Windows', async () => {
    const { calls } = await started(
      worker('process.stdout.write(JSON.stringify({ id: String(call.id), result: "x" }) + "\\r\\n");'),
      options,
    );
    expect(await calls(1)).toEqual([{ result: 'ok', outputSize: 1 }]);
  });

  it('what it prints beside answers is shown', async () => {
    const { calls, printed } = await started(
      worker(
        'say("thinking …"); say({ id: 99 }); console.error("hm"); say({ id: call.id, error: { status: 429, message: "no" } });',
      ),
      options,
    );
    expect(await calls(1)).toEqual([{ result: 'error', error: { name: 'error', message: 'no', status: 429 } }]);
    // Two pipes: what stands in one may be read after what stands in the other.
    while (!printed().includes('hm')) await new Promise((go) => setTimeout(go, 5));
    for (const said of ['thinking …\n', '{"id":99}\n', 'hm\n']) expect(printed()).toContain(said);
  });

  it('one that dies is started anew, and the calls that it had are marked', async () => {
    const { calls } = await started(
      worker(
        'if (call.id === 2) { console.error("out of memory"); process.exit(3); } say({ id: call.id, result: null });',
      ),
      options,
    );
    expect(await calls(2)).toEqual([{ result: 'ok' }, failed('WorkerDied', 'ended with exit code 3: out of memory')]);
    expect(await calls(1)).toEqual([{ result: 'ok' }]);
  });

  it('calls go to the one with the fewest', async () => {
    const { calls } = await started(
      worker('setTimeout(() => say({ id: call.id, result: "x".repeat(told.length) }), 500);'),
      { ...options, workers: 3 },
    );
    const sizes = (await calls(6)).map(({ outputSize }) => outputSize);
    expect(sizes).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('three that end at once without an answer: the program is not what it should be', async () => {
    const { client: tested } = await started('echo "usage: client FILE"; exit 64', { protocol: 'worker' });
    expect(await tested.died).toMatchObject({
      code: 'client/exited',
      problems: [{ path: 'client.command', message: expect.stringMatching(/ended with exit code 64$/) }],
    });
  });

  it('a line without an end is not read for ever', async () => {
    const { calls } = await started(
      worker('process.stdout.write("x".repeat(5_000_000)); setInterval(() => {}, 1000);'),
      options,
    );
    expect(await calls(1)).toEqual([
      failed('WorkerDied', 'printed a line longer than the 4 MiB that a result may have'),
    ]);
  });
});
