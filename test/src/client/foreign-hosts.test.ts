import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import { startClient } from '../../../src/client/start-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import { describeWith } from '../../real-parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-foreign-'));
const clock = wallClock();

/** This machine by an address that is not loopback: foreign to the guard, but within reach. */
const FOREIGN = Object.values(networkInterfaces())
  .flat()
  .find((found) => found?.family === 'IPv4' && !found.internal)?.address;

let server: Server;
let port = 0;
/** Local addresses of the connections that the server got. */
const reached: (string | undefined)[] = [];
beforeAll(async () => {
  server = createServer((socket) => {
    reached.push(socket.localAddress);
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi');
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => server.close());

/** A client that runs what its prompt says, so that one thread serves many tests. */
const CLIENT = `
  import child from 'node:child_process';
  import dgram from 'node:dgram';
  import dns from 'node:dns';
  import { once } from 'node:events';
  import http from 'node:http';
  import net from 'node:net';
  import { promisify } from 'node:util';
  import { Worker } from 'node:worker_threads';
  const undici = await import(${JSON.stringify(import.meta.resolve('undici'))});
  const AsyncFunction = (async () => {}).constructor;
  export default async ({ prompt }) => {
    const { port, foreign, code } = JSON.parse(prompt);
    const lookup = (host, options, done) =>
      options.all ? done(null, [{ address: foreign, family: 4 }]) : done(null, foreign, 4);
    const CONNECT = "require('net').connect(" + port + ", '" + foreign + "')"
      + ".on('connect', () => { console.log('CONNECTED'); process.exit(); })"
      + ".on('error', ({ code }) => { console.log(code); process.exit(); });";
    const run = (...given) => promisify(child.execFile)(...given).then(({ stdout }) => { throw new Error(stdout.trim()); });
    const tools = { port, foreign, lookup, CONNECT, run, child, dgram, dns, once, http, net, promisify, Worker, undici };
    await new AsyncFunction(...Object.keys(tools), code)(...Object.values(tools));
  };`;

interface Tested {
  /** Runs code in the client; returns the code or the message of its error. */
  run(code: string): Promise<string | undefined>;
  /** What has been printed so far. */
  printed(): string;
}

async function startTested(allowHosts: readonly string[] = []): Promise<Tested> {
  const module = join(folder, 'client.mjs');
  writeFileSync(module, CLIENT);
  writeFileSync(
    join(folder, 'forked.cjs'),
    `require('net').connect(...process.argv.slice(2)).on('error', ({ code }) => console.log(code));`,
  );
  let printed = '';
  const client = await startClient(
    { code: { kind: 'module', module }, env: {} },
    {
      url: 'http://127.0.0.1:1',
      provider: { keys: 'any', dialect: 'openai' },
      clock,
      allowHosts,
      signal: new AbortController().signal,
      print: (text) => {
        printed += text;
      },
    },
  );
  started.push(client);
  let lastId = 0;
  return {
    printed: () => printed,
    async run(code) {
      const prompt = JSON.stringify({ port, foreign: FOREIGN, code });
      const { error } = await client.call({ id: ++lastId, vu: 1, iteration: 0, model: 'x', prompt, stream: false });
      return error && (error.code ?? error.message);
    },
  };
}

const started: Client[] = [];
const REPORT = `quotalab: the client tried to reach ${FOREIGN}, which is not this machine`;
let client: Tested;
beforeAll(async () => {
  client = await startTested();
});
afterAll(async () => {
  for (const one of started) await one.stop();
});
beforeEach(() => {
  reached.length = 0;
});

it('the test’s foreign host can be reached without the guard', async () => {
  expect(FOREIGN).toBeDefined();
  await new Promise((resolve) => connect(port, FOREIGN!, () => resolve(undefined)));
  expect(reached).toContain(FOREIGN);
});

describe('a connection to a foreign host fails, and is reported', () => {
  const until = `await new Promise((resolve, reject) => `;
  it.each([
    ['net, by address', `${until}net.connect(port, foreign, resolve).on('error', reject))`, 'QUOTALAB_FOREIGN_HOST'],
    [
      'net, an empty path',
      `${until}net.connect({ path: '', port, host: foreign }, resolve).on('error', reject))`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'net, a port in hexadecimal',
      `${until}net.connect('0x' + port.toString(16), foreign, resolve).on('error', reject))`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'net, its own look-up',
      `${until}net.connect({ host: 'localhost', port, lookup }, resolve).on('error', reject))`,
      'EACCES',
    ],
    [
      'net, its own look-up of one family',
      `${until}net.connect({ host: 'localhost', port, lookup, family: 4 }, resolve).on('error', reject))`,
      'EACCES',
    ],
    [
      'http, its own look-up',
      `${until}http.get({ host: 'localhost', port, lookup }, resolve).on('error', reject))`,
      'EACCES',
    ],
    [
      'a changed dns.lookup',
      `const own = dns.lookup; dns.lookup = lookup;
      try { ${until}net.connect(port, 'localhost', resolve).on('error', reject)) } finally { dns.lookup = own; }`,
      'EACCES',
    ],
    [
      'fetch',
      `await fetch('http://' + foreign + ':' + port).catch(({ cause }) => { throw cause; })`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'undici, its own look-up',
      `const { Agent, request } = undici;
      await request('http://localhost:' + port, { dispatcher: new Agent({ connect: { lookup } }) })`,
      'EACCES',
    ],
    [
      'a native handle',
      `const { TCP, TCPConnectWrap } = process.binding('tcp_wrap');
      const code = new TCP(0).connect(new TCPConnectWrap(), foreign, port); throw { toString: () => 'code ' + code }`,
      'code -13',
    ],
    [
      'a datagram',
      `const socket = dgram.createSocket('udp4');
      try { await promisify(socket.send.bind(socket))('x', port, foreign); } finally { socket.close(); }`,
      'EACCES',
    ],
    [
      'a connected datagram socket',
      `const socket = dgram.createSocket('udp4'); socket.connect(port, foreign);
      try { await once(socket, 'connect'); } finally { socket.close(); }`,
      'EACCES',
    ],
  ])('%s', async (_name, code, expected) => {
    expect(await client.run(code)).toBe(expected);
    expect(reached).toEqual([]);
    await vi.waitFor(() => expect(client.printed()).toContain(REPORT));
  });

  it.each([
    ['dns.resolve4', `await promisify(dns.resolve4)('api.openai.com')`],
    ['a resolver', `await new dns.promises.Resolver().resolveMx('api.openai.com')`],
  ])('a DNS query: %s', async (_name, code) => {
    expect(await client.run(code)).toBe('EREFUSED');
    await vi.waitFor(() => expect(client.printed()).toContain('quotalab: the client tried to reach api.openai.com'));
  });
});

describe('the guard is handed on to what the client starts', () => {
  it.each([
    [
      'a thread',
      `const [code] = await once(new Worker(CONNECT, { eval: true, stdout: true }).on('error', console.log), 'exit'); throw new Error('exit ' + code);`,
      'exit 0',
    ],
    [
      'a thread of a thread',
      `const nested = "new (require('worker_threads').Worker)(" + JSON.stringify(CONNECT) + ", { eval: true, env: {}, execArgv: [] })";
      const [code] = await once(new Worker(nested, { eval: true }), 'exit'); throw new Error('exit ' + code);`,
      'exit 0',
    ],
    ['a program of Node', `await run(process.execPath, ['-e', CONNECT])`, 'QUOTALAB_FOREIGN_HOST'],
    [
      'with another environment',
      `await run(process.execPath, ['-e', CONNECT], { env: { NODE_OPTIONS: '--no-warnings' } })`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'a synchronous one',
      `throw new Error(child.execFileSync(process.execPath, ['-e', CONNECT]).toString().trim())`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'a fork',
      `const forked = child.fork(${JSON.stringify(join(folder, 'forked.cjs'))}, [port, foreign], { silent: true });
      let text = '';
      forked.stdout.on('data', (data) => { text += data; });
      await once(forked, 'close');
      throw new Error(text.trim());`,
      'QUOTALAB_FOREIGN_HOST',
    ],
    [
      'a thread of a program of Node',
      `await run(process.execPath, ['-e', "new (require('worker_threads').Worker)(" + JSON.stringify(CONNECT) + ", { eval: true })"])`,
      'QUOTALAB_FOREIGN_HOST',
    ],
  ])('%s', async (_name, code, expected) => {
    expect(await client.run(code)).toBe(expected);
    expect(reached).toEqual([]);
  });
});

describeWith(['curl'], 'a program that is not Node, started by a module', () => {
  it('gets the proxy, whatever its environment', async () => {
    const error = await client.run(
      `const { stdout } = child.spawnSync('curl', ['-s', '-w', '%{http_code}', 'http://' + foreign + ':' + port], { env: { PATH: process.env.PATH } });
       throw new Error(stdout.toString());`,
    );
    expect(error).toBe('403');
    expect(reached).toEqual([]);
  });
});

describe('what stays possible', () => {
  it.each([
    ['this machine', `await fetch('http://127.0.0.1:' + port).then((response) => response.text());`],
    ['localhost', `await fetch('http://localhost:' + port).then((response) => response.text());`],
    ['an IPv6 form of it', `await once(net.connect(port, '::ffff:127.0.0.1'), 'connect');`],
    [
      'a datagram to it',
      `const socket = dgram.createSocket('udp4'); await promisify(socket.send.bind(socket))('x', port, '127.0.0.1'); socket.close();`,
    ],
    ['a look-up without a query', `await promisify(dns.lookup)('localhost');`],
    ['threads', `await once(new Worker('', { eval: true }), 'exit');`],
    ['programs', `await promisify(child.execFile)('true');`],
  ])('%s', async (_name, code) => {
    const printed = client.printed();
    expect(await client.run(code)).toBeUndefined();
    expect(client.printed()).toBe(printed);
  });

  it('an allowed host, by address and by a name that is looked up', async () => {
    const by = (host: string) =>
      `await new Promise((resolve, reject) => net.connect({ host: ${host}, port, lookup }, resolve).on('error', reject))`;
    const lenient = await startTested([FOREIGN!, 'api.example']);
    expect(await lenient.run(by('foreign'))).toBeUndefined();
    expect(await lenient.run(by(`'api.example'`))).toBeUndefined();
    expect(reached).toEqual([FOREIGN, FOREIGN]);
    expect(lenient.printed()).toBe('');
  });
});
