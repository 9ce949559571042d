import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { describeWith } from '../../real-parts.ts';
import { chat, serveBehind } from './serve-behind.ts';

vi.setConfig({ testTimeout: 60_000 });

let open: { close(): Promise<void> } | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** Starts a provider behind nginx with these directives in its location. */
async function serveBehindNginx(directives: string, provider: Parameters<typeof serveBehind>[1] = {}, http = '') {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-nginx-'));
  const file = join(folder, 'nginx.conf');
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path {{folder}}/${name};`,
  );
  writeFileSync(
    file,
    `pid {{folder}}/pid; error_log {{folder}}/error.log; events {}
http {
  access_log off; ${paths.join(' ')} ${http}
  # The provider twice: a retry needs a second server.
  upstream provider { server {{upstream}} max_fails=0; server {{upstream}} max_fails=0; keepalive 8; }
  server {
    listen 127.0.0.1:{{port}};
    location / { proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; ${directives} }
  }
}
`,
  );
  const command = ['nginx', '-p', '{folder}', '-c', '{config}', '-e', 'stderr', '-g', 'daemon off;'];
  const served = await serveBehind({ command, folder, config: { file, written: 'nginx.conf' } }, provider);
  open = served;
  return served;
}

const LIMIT = { name: 'requests', scope: 'key', unit: 'requests', capacity: 50, refill: '50/min' } as const;

describeWith(['nginx'], 'nginx as the gateway', () => {
  it('sends an attempt to the provider twice when it tries the next server', async () => {
    const { url, exchanges } = await serveBehindNginx('proxy_next_upstream http_500 non_idempotent;', {
      faults: [{ status: 500, first: 1 }],
    });
    expect((await chat(url, 'again')).status).toBe(200);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ view: { status: 200 }, via: { upstream: 2 } });
  });

  it('may drop the number: requests are matched by body', async () => {
    const { url, exchanges } = await serveBehindNginx('proxy_set_header x-quotalab-request "";', { limits: [LIMIT] });
    await Promise.all(['one', 'two', 'three'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(3));
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}, {}]);
    const remaining = exchanges.map(({ view }) => (view.limits as { after: number }[])[0]!.after);
    expect(remaining.sort()).toEqual([47, 48, 49]);
  });

  it('records a client that disconnects during a stream', async () => {
    const { url, exchanges } = await serveBehindNginx('proxy_buffering off;', {
      limits: [LIMIT],
      answerTokens: 500,
      latency: { firstToken: 0, perToken: '100ms' },
    });
    const leaving = new AbortController();
    const response = await chat(url, 'stream', { stream: true, signal: leaving.signal });
    const reader = response.body!.getReader();
    expect((await reader.read()).value?.length).toBeGreaterThan(0);
    leaving.abort();
    await vi.waitFor(() => expect(exchanges).toHaveLength(1), { timeout: 20_000 });
    expect(exchanges[0]).toMatchObject({ outcome: 'aborted', via: {}, view: { status: 200, stream: true } });
    expect(exchanges[0]!.headersUs).toBeLessThan(exchanges[0]!.endUs);
    expect(exchanges[0]!.view.limits).toMatchObject([{ admit: true }]);
  });

  it('rejects a body that is too large before it is complete', async () => {
    const { url, exchanges } = await serveBehindNginx('client_max_body_size 1k;');
    const { status } = await chat(url, 'word '.repeat(100));
    expect(status).toBe(200);
    const large = await chat(url, 'word '.repeat(200_000)).then(
      (response) => response.status,
      (error: Error) => error.message,
    );
    // nginx closes the connection during the upload: the client gets the reply or a broken connection.
    expect([413, 'fetch failed']).toContain(large);
    await vi.waitFor(() => expect(exchanges).toHaveLength(2));
    expect(exchanges[1]!.via).toEqual({ answeredBy: 'gateway' });
  });

  it('delays requests: the client’s times are recorded', async () => {
    const { url, exchanges } = await serveBehindNginx(
      'limit_req zone=z burst=1;',
      {},
      'limit_req_zone $binary_remote_addr zone=z:1m rate=30r/m;',
    );
    await Promise.all(['one', 'two'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(2));
    const took = exchanges.map(({ startUs, endUs }) => endUs - startUs).sort((a, b) => a - b);
    // Two seconds apart, minus the time between their arrivals.
    expect(took[1]).toBeGreaterThan(1e6);
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}]);
  });

  it('replies by itself without an upstream', async () => {
    const { url, exchanges } = await serveBehindNginx(
      '',
      {},
      'server { listen 127.0.0.1:{{port}} default_server; return 502; }',
    );
    expect((await chat(url, 'lost')).status).toBe(502);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ via: { answeredBy: 'gateway' }, view: { status: 502, limits: [] } });
  });
});
