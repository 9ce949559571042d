import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QuotaLabError } from '../../../mock-server/error.ts';
import { type Gateway, startGateway } from '../../../src/gateway/start-gateway.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import { cwdIs } from '../../processes.ts';
import { describeWith } from '../../real-parts.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder = '';
let gateway: Gateway | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quotalab-start-'));
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  // Whatever was started has its folder as its own, and nothing of it is left.
  expect(cwdIs(folder)).toEqual([]);
});

async function start(settings: Partial<GatewaySettings>, signal = new AbortController().signal): Promise<Gateway> {
  const all = { command: [], env: {}, startTimeoutUs: 60e6, folder, ...settings };
  gateway = await startGateway(all, { upstream: '127.0.0.1:1', signal });
  return gateway;
}

async function refusal(settings: Partial<GatewaySettings>, signal?: AbortSignal): Promise<QuotaLabError> {
  const error = await start(settings, signal).then(
    () => new Error('it has started'),
    (failure: Error) => failure,
  );
  expect(error).toBeInstanceOf(QuotaLabError);
  return error as QuotaLabError;
}

const node = (code: string, ...args: string[]): readonly string[] => [process.execPath, '-e', code, ...args];

/** Listens, and starts a child that goes on for ever. */
const LISTENS = `
  process.on('SIGTERM', () => {});
  require('node:child_process').spawn('sleep', ['1000']);
  require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1');
`;

describe('a gateway', () => {
  it('is told its port, upstream, folder and configuration, and is there when it is', async () => {
    const template = join(folder, 'made.json');
    writeFileSync(template, '{"port": {{port}}, "upstream": "{{ upstream }}", "other": "{{word}} {port}"}');
    const { port, stop } = await start({
      command: node(
        `require('node:fs').writeFileSync('told', process.argv[1]);
         const { port, upstream, other } = JSON.parse(require('node:fs').readFileSync(process.argv[1], 'utf8'));
         if (upstream !== '127.0.0.1:1' || !other.startsWith('{{word}} {')) process.exit(3);
         if (!process.argv[1].startsWith(process.env.ITS_OWN) || process.env.NO_PROXY === undefined) process.exit(4);
         require('node:net').createServer().listen(port, '127.0.0.1')`,
        '{config}',
      ),
      config: { file: template, written: './made.json' },
      env: { ITS_OWN: '{folder}' },
    });
    expect(port).toBeGreaterThan(0);
    const made = readFileSync(join(folder, 'told'), 'utf8');
    expect(existsSync(made)).toBe(true);
    await stop();
    expect(existsSync(dirname(made))).toBe(false);
  });

  it('is ended with all that it has started, though it does not listen to SIGTERM', async () => {
    const { stop } = await start({ command: node(LISTENS, '{port}') });
    await vi.waitFor(() => expect(cwdIs(folder)).toHaveLength(2));
    await stop();
    expect(cwdIs(folder)).toEqual([]);
  });

  it('that dies later says so, with its last words', async () => {
    const { died } = await start({
      command: node(
        `require('node:net').createServer((socket) => {
           socket.on('data', () => { console.error('out of memory, say'); process.exit(7); });
         }).listen(Number(process.argv[1]), '127.0.0.1')`,
        '{port}',
      ),
    }).then((it) => {
      void fetch(`http://127.0.0.1:${it.port}`).catch(() => undefined);
      return it;
    });
    const { message, problems } = (await died) as QuotaLabError;
    expect(message).toBe('the gateway has ended');
    expect(problems[0]!.message).toMatch(/ended with exit code 7:\nout of memory, say$/);
  });

  it.each([
    ['ends with a message', [`console.log('no such upstream'); process.exit(2)`], /exit code 2:\nno such upstream$/],
    ['ends without one', [`process.exit(9)`], /ended with exit code 9$/],
  ])('that %s cannot start', async (_, code, message) => {
    const error = await refusal({ command: node(code[0]!, '{port}') });
    expect(error.code).toBe('gateway/cannot-start');
    expect(error.problems[0]!.message).toMatch(message);
  });

  it('that never listens is given up', async () => {
    const { code, problems } = await refusal({
      command: node(`console.log('thinking'); setInterval(() => {}, 1000)`, '{port}'),
      startTimeoutUs: 1e6,
    });
    expect(code).toBe('gateway/never-listens');
    expect(problems[0]!.message).toMatch(/does not listen on 127.0.0.1:\d+ after 1 s/);
  });

  it('that is not wanted any more is not waited for', async () => {
    const interrupted = AbortSignal.timeout(100);
    const { code } = await refusal({ command: node('setInterval(() => {}, 1000)', '{port}') }, interrupted);
    expect(code).toBe('client/interrupted');
  });

  it('a missing program is no crash', async () => {
    const { problems } = await refusal({ command: ['/no/such/gateway', '{port}'] });
    expect(problems[0]!.message).toMatch(/could not be started: spawn \/no\/such\/gateway ENOENT/);
  });
});

describeWith(['nginx'], 'nginx', () => {
  const COMMAND = ['nginx', '-p', '{folder}', '-c', '{config}', '-e', 'stderr'];
  const FOREGROUND = [...COMMAND, '-g', 'daemon off;'];

  function conf(http: string): NonNullable<GatewaySettings['config']> {
    const file = join(folder, 'nginx.conf');
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path {{folder}}/${name};`,
    );
    const top = 'worker_processes 2; pid {{folder}}/pid; events {}';
    writeFileSync(file, `${top} http { access_log off; ${paths.join(' ')} ${http} }`);
    return { file, written: './nginx.conf' };
  }
  const SERVER = 'server { listen 127.0.0.1:{{port}}; }';

  it('starts with its workers, and none is left', async () => {
    const { stop, port } = await start({ command: FOREGROUND, config: conf(SERVER) });
    expect((await fetch(`http://127.0.0.1:${port}`)).headers.get('server')).toMatch(/^nginx/);
    expect(cwdIs(folder)).toHaveLength(3);
    await stop();
    expect(cwdIs(folder)).toEqual([]);
  });

  it('in the background is told to stay, and none of it is left either', async () => {
    // On a busy machine it may be seen to listen before it is seen to go.
    const error = await start({ command: COMMAND, config: conf(SERVER) }).then(
      ({ died }) => died,
      (failure: Error) => failure,
    );
    expect((error as QuotaLabError).problems[0]!.hint).toBe(
      'it must stay in the foreground; of nginx that is -g "daemon off;"',
    );
  });

  it('with the article’s snippet, which names a zone that nothing defines, says how to define it', async () => {
    const snippet = 'server { listen 127.0.0.1:{{port}}; location / { limit_req zone=api_limit burst=5 nodelay; } }';
    const { problems } = await refusal({ command: FOREGROUND, config: conf(snippet) });
    expect(problems[0]!.message).toMatch(/\[emerg\] .*zero size shared memory zone "api_limit"/);
    expect(problems[0]!.hint).toContain('limit_req_zone $binary_remote_addr zone=api_limit:10m rate=5r/s;');
  });

  it('with a configuration that it does not understand says so in its own words', async () => {
    const { problems } = await refusal({ command: FOREGROUND, config: conf(`${SERVER} limit_rec on;`) });
    const [, place] = /\[emerg\] .*unknown directive "limit_rec" in (\S+)nginx.conf:1/.exec(problems[0]!.message) ?? [];
    expect(place).toMatch(/quotalab-gateway-/);
    expect(existsSync(place!)).toBe(false);
    expect(problems[0]!.hint).toBe('its configuration is made from ./nginx.conf');
  });

  it('on a port that is taken says which', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    try {
      const other = `server { listen 127.0.0.1:${port}; }`;
      const { problems } = await refusal({ command: FOREGROUND, config: conf(`${other} # {{port}}\n`) });
      expect(problems[0]!.message).toContain(`bind() to 127.0.0.1:${port} failed (98`);
      expect(problems[0]!.hint).toMatch(/^127.0.0.1:\d+ is taken by another program/);
    } finally {
      taken.close();
    }
  });
});

it('what it leaves is counted by this', () => {
  expect(existsSync('/proc')).toBe(true);
  expect(cwdIs(process.cwd())).toContain(process.pid);
});
