import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { type ProxyGuard, startProxyGuard } from '../../../src/client/proxy-guard.ts';
import { describeWith } from '../../real-parts.ts';

let guard: ProxyGuard | undefined;
const server = createServer((request, response) => response.end(`seen ${request.url}`));
afterEach(async () => {
  await guard?.close();
  server.closeAllConnections();
});

async function guarded(
  allowHosts: readonly string[] = [],
): Promise<{ url: string; printed: string[]; env: ProxyGuard['env'] }> {
  const printed: string[] = [];
  guard = await startProxyGuard(allowHosts, (text) => printed.push(text));
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}/v1`, printed, env: guard.env };
}

describeWith(['curl'], 'a program that reads proxy variables', () => {
  /** What curl prints of an answer, or its exit code. */
  const curl = async (url: string, env: ProxyGuard['env']): Promise<string> => {
    const asked = promisify(execFile)('curl', ['--silent', '--insecure', url], {
      env: { PATH: process.env.PATH, ...env },
    });
    return asked.then(
      ({ stdout }) => stdout,
      ({ code }: { code: number }) => `exit code ${code}`,
    );
  };

  it('reaches no other host, and that is told once', async () => {
    const { env, printed } = await guarded();
    // curl's 56: the proxy has refused the tunnel.
    expect(await curl('https://api.openai.com/v1/models', env)).toBe('exit code 56');
    expect(await curl('https://api.openai.com/v1/models', env)).toBe('exit code 56');
    expect(await curl('http://api.openai.com/v1/models', env)).toBe('');
    expect(printed).toEqual([
      'quotalab: the client tried to reach api.openai.com, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host api.openai.com lets it)\n',
    ]);
  });

  it('reaches this machine, past the proxy or through it', async () => {
    const { env, url, printed } = await guarded();
    expect(await curl(`http://${url}`, { ...env, no_proxy: '127.0.0.1' })).toBe('seen /v1');
    expect(await curl(`http://${url}`, env)).toBe('seen /v1');
    expect(printed).toEqual([]);
  });

  it('may ask for a tunnel to this machine', async () => {
    const { env, url } = await guarded();
    const port = url.slice('127.0.0.1:'.length);
    const tunnel = ['--silent', '--proxytunnel', `http://127.0.0.1:${port}`];
    const { stdout } = await promisify(execFile)('curl', tunnel, { env: { PATH: process.env.PATH, ...env } });
    expect(stdout).toBe('seen /v1');
  });
});
