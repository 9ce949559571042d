import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { createHostRule } from '../../../src/client/host-rule.ts';
import { type ProxyGuard, startProxyGuard } from '../../../src/client/proxy-guard.ts';
import { describeWith } from '../../real-parts.ts';

let guard: ProxyGuard | undefined;
const server = createServer((request, response) => response.end(`reached ${request.url}`));
afterEach(async () => {
  await guard?.close();
  server.closeAllConnections();
});

async function startGuard(
  allowHosts: readonly string[] = [],
): Promise<{ url: string; printed: string[]; env: ProxyGuard['env'] }> {
  const printed: string[] = [];
  guard = await startProxyGuard(createHostRule(allowHosts, (text) => printed.push(text)));
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}/v1`, printed, env: guard.env };
}

describeWith(['curl'], 'a program that reads proxy variables', () => {
  /** Returns the reply printed by curl, or its exit code. */
  const curl = async (url: string, env: ProxyGuard['env']): Promise<string> => {
    const output = promisify(execFile)('curl', ['--silent', '--insecure', url], {
      env: { PATH: process.env.PATH, ...env },
    });
    return output.then(
      ({ stdout }) => stdout,
      ({ code }: { code: number }) => `exit code ${code}`,
    );
  };

  it('cannot reach another host, which is reported once', async () => {
    const { env, printed } = await startGuard();
    // curl's exit code 56: the proxy refused the tunnel.
    expect(await curl('https://api.openai.com/v1/models', env)).toBe('exit code 56');
    expect(await curl('https://api.openai.com/v1/models', env)).toBe('exit code 56');
    expect(await curl('http://api.openai.com/v1/models', env)).toBe('');
    expect(printed).toEqual([
      'quotalab: the client tried to reach api.openai.com, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host api.openai.com allows it)\n',
    ]);
  });

  it('reaches this machine, with or without the proxy', async () => {
    const { env, url, printed } = await startGuard();
    expect(await curl(`http://${url}`, { ...env, no_proxy: '127.0.0.1' })).toBe('reached /v1');
    expect(await curl(`http://${url}`, env)).toBe('reached /v1');
    expect(printed).toEqual([]);
  });

  it('may tunnel to this machine', async () => {
    const { env, url } = await startGuard();
    const port = url.slice('127.0.0.1:'.length);
    const tunnel = ['--silent', '--proxytunnel', `http://127.0.0.1:${port}`];
    const { stdout } = await promisify(execFile)('curl', tunnel, { env: { PATH: process.env.PATH, ...env } });
    expect(stdout).toBe('reached /v1');
  });
});
