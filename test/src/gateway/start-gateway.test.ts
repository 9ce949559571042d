import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { QuotaLabError } from '../../../mock-server/error.ts';
import { type Gateway, startGateway } from '../../../src/gateway/start-gateway.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import { findByCwd } from '../../processes.ts';
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
  // Started processes have this working folder; none may be left.
  expect(findByCwd(folder)).toEqual([]);
});

async function start(settings: Partial<GatewaySettings>, signal = new AbortController().signal): Promise<Gateway> {
  const all = { command: [], env: {}, startTimeoutUs: 60e6, folder, ...settings };
  gateway = await startGateway(all, { upstream: '127.0.0.1:1', signal });
  return gateway;
}

async function startError(settings: Partial<GatewaySettings>, signal?: AbortSignal): Promise<QuotaLabError> {
  const error = await start(settings, signal).then(
    () => new Error('it started'),
    (failure: Error) => failure,
  );
  expect(error).toBeInstanceOf(QuotaLabError);
  return error as QuotaLabError;
}

const node = (code: string, ...args: string[]): readonly string[] => [process.execPath, '-e', code, ...args];

/** Listens, and starts a child that never ends. */
const LISTENS = `
  process.on('SIGTERM', () => {});
  require('node:child_process').spawn('sleep', ['1000']);
  require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1');
`;

describe('a gateway', () => {
  it('gets port, upstream, folder and configuration, and listens when it has started', async () => {
    const template = join(folder, 'made.json');
    writeFileSync(template, '{"port": {{port}}, "upstream": "{{ upstream }}", "other": "{{word}} {port}"}');
    const { port, stop } = await start({
      command: node(
        `require('node:fs').writeFileSync('config-path', process.argv[1]);
         const { port, upstream, other } = JSON.parse(require('node:fs').readFileSync(process.argv[1], 'utf8'));
         if (upstream !== '127.0.0.1:1' || !other.startsWith('{{word}} {')) process.exit(3);
         if (!process.argv[1].startsWith(process.env.OWN_FOLDER) || process.env.NO_PROXY === undefined) process.exit(4);
         require('node:net').createServer().listen(port, '127.0.0.1')`,
        '{config}',
      ),
      config: { file: template, written: './made.json' },
      env: { OWN_FOLDER: '{folder}' },
    });
    expect(port).toBeGreaterThan(0);
    const made = readFileSync(join(folder, 'config-path'), 'utf8');
    expect(existsSync(made)).toBe(true);
    await stop();
    expect(existsSync(dirname(made))).toBe(false);
  });

  it('is ended with its children even if it ignores SIGTERM', async () => {
    const { stop } = await start({ command: node(LISTENS, '{port}') });
    await vi.waitFor(() => expect(findByCwd(folder)).toHaveLength(2));
    await stop();
    expect(findByCwd(folder)).toEqual([]);
  });

  it('that exits later is reported with its last output', async () => {
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
    expect(message).toBe('the gateway exited');
    expect(problems[0]!.message).toMatch(/ended with exit code 7:\nout of memory, say$/);
  });

  it.each([
    ['ends with a message', [`console.log('no such upstream'); process.exit(2)`], /exit code 2:\nno such upstream$/],
    ['ends without a message', [`process.exit(9)`], /ended with exit code 9$/],
  ])('that %s cannot start', async (_, code, message) => {
    const error = await startError({ command: node(code[0]!, '{port}') });
    expect(error.code).toBe('gateway/cannot-start');
    expect(error.problems[0]!.message).toMatch(message);
  });

  it('that never listens times out', async () => {
    const { code, problems } = await startError({
      command: node(`console.log('thinking'); setInterval(() => {}, 1000)`, '{port}'),
      startTimeoutUs: 1e6,
    });
    expect(code).toBe('gateway/never-listens');
    expect(problems[0]!.message).toMatch(/does not listen on 127.0.0.1:\d+ after 1 s/);
  });

  it('is not waited for after an interrupt', async () => {
    const interrupted = AbortSignal.timeout(100);
    const { code } = await startError({ command: node('setInterval(() => {}, 1000)', '{port}') }, interrupted);
    expect(code).toBe('client/interrupted');
  });

  it('reports a missing program', async () => {
    const { problems } = await startError({ command: ['/no/such/gateway', '{port}'] });
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

  it('starts with its workers and leaves no process', async () => {
    const { stop, port } = await start({ command: FOREGROUND, config: conf(SERVER) });
    expect((await fetch(`http://127.0.0.1:${port}`)).headers.get('server')).toMatch(/^nginx/);
    expect(findByCwd(folder)).toHaveLength(3);
    await stop();
    expect(findByCwd(folder)).toEqual([]);
  });

  it('in the background gets a hint and leaves no process', async () => {
    // On a busy machine it may appear to listen before it exits.
    const error = await start({ command: COMMAND, config: conf(SERVER) }).then(
      ({ died }) => died,
      (failure: Error) => failure,
    );
    expect((error as QuotaLabError).problems[0]!.hint).toBe('it must stay in the foreground (nginx: -g "daemon off;")');
  });

  it('with an undefined zone, as in the article’s snippet, gets a hint how to define it', async () => {
    const snippet = 'server { listen 127.0.0.1:{{port}}; location / { limit_req zone=api_limit burst=5 nodelay; } }';
    const { problems } = await startError({ command: FOREGROUND, config: conf(snippet) });
    expect(problems[0]!.message).toMatch(/\[emerg\] .*zero size shared memory zone "api_limit"/);
    expect(problems[0]!.hint).toContain('limit_req_zone $binary_remote_addr zone=api_limit:10m rate=5r/s;');
  });

  it('with an invalid configuration is reported with its own message', async () => {
    const { problems } = await startError({ command: FOREGROUND, config: conf(`${SERVER} limit_rec on;`) });
    const [, place] = /\[emerg\] .*unknown directive "limit_rec" in (\S+)nginx.conf:1/.exec(problems[0]!.message) ?? [];
    expect(place).toMatch(/quotalab-gateway-/);
    expect(existsSync(place!)).toBe(false);
    expect(problems[0]!.hint).toBe('its configuration is generated from ./nginx.conf');
  });

  it('on a port in use is reported with the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    try {
      const other = `server { listen 127.0.0.1:${port}; }`;
      const { problems } = await startError({ command: FOREGROUND, config: conf(`${other} # {{port}}\n`) });
      expect(problems[0]!.message).toContain(`bind() to 127.0.0.1:${port} failed (98`);
      expect(problems[0]!.hint).toMatch(/^127.0.0.1:\d+ is in use by another program/);
    } finally {
      taken.close();
    }
  });
});

it('findByCwd finds this process', () => {
  expect(existsSync('/proc')).toBe(true);
  expect(findByCwd(process.cwd())).toContain(process.pid);
});
