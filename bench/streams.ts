import { type ChildProcess, fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Row } from './table.ts';

const STREAMS = 5000;

/** Server memory per open stream, for 5,000 streams, compared with a bare node:http server. */
export async function benchStreams(): Promise<Row[]> {
  const bare = await bytesPerStream('bare');
  const ours = await bytesPerStream('quotalab');
  return [
    { name: 'bare node:http', amount: bare / 1024, unit: 'kB per stream', ratios: {} },
    { name: 'quotalab', amount: ours / 1024, unit: 'kB per stream', ratios: { bare: ours / bare } },
  ];
}

async function bytesPerStream(name: string): Promise<number> {
  const file = fileURLToPath(new URL('./stream-one.ts', import.meta.url));
  const child = fork(file, [name], { execArgv: ['--expose-gc'] });
  const { port } = new URL((await nextMessage(child)) as string);
  // The first streams allocate what the server needs only once.
  const warm = await open(Number(port), 200);
  const before = await memoryOf(child);
  const sockets = await open(Number(port), STREAMS);
  const after = await memoryOf(child);
  for (const socket of [...warm, ...sockets]) socket.destroy();
  child.kill();
  return (after - before) / STREAMS;
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

async function memoryOf(child: ChildProcess): Promise<number> {
  child.send('memory');
  return (await nextMessage(child)) as number;
}

/** Opens streams in batches and waits for the first event of each. */
async function open(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, () => stream(port));
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

function stream(port: number): Promise<Socket> {
  const body = JSON.stringify({ model: 'gpt-4o-mini', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-length: ${body.length}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head + body));
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
      if (!text.startsWith('HTTP/1.1 200')) reject(new Error(text.slice(0, 200)));
      else if (text.includes('data: ')) resolve(socket);
    });
    socket.on('error', reject);
  });
}
