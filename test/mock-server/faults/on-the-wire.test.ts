import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../mock-server/faults/fault.ts';
import { HI } from '../openai-provider.ts';
import { serve } from '../sdks/served.ts';

const fault = (does: Fault['does']): Fault[] => [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does }];

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function ask(faults: Fault[], body: object = {}, timeoutMs?: number) {
  const { url, exchanges } = await serve({ faults });
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ ...HI, ...body }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  });
  return { response, exchanges };
}

/** Why a fetch failed, down to the socket. */
async function causeOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => new Error('no failure'),
    (reason: Error) => reason,
  );
  return ((error.cause as { code?: string } | undefined)?.code ?? error.name) as string;
}

describe('over a socket', () => {
  it('reset: the connection breaks before a byte has come', async () => {
    expect(await causeOf(ask(fault({ kind: 'reset' })))).toBe('ECONNRESET');
  });

  it('hang: nothing comes, until the client has had enough', async () => {
    const { url, exchanges } = await serve({ faults: fault({ kind: 'hang' }) });
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', timeout: 50, maxRetries: 0 });
    const asked = openai.chat.completions.create({ model: HI.model, messages: [{ role: 'user', content: 'hi' }] });
    await expect(asked).rejects.toThrow('timed out');
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({ outcome: 'aborted', sight: { fault: 'hang' } });
    expect(exchanges[0]).not.toHaveProperty('headersUs');
  });

  it('truncate: what was sent arrives, then the connection breaks', async () => {
    const { response, exchanges } = await ask(fault({ kind: 'truncate', after: 3 }), { stream: true });
    const decoder = new TextDecoder();
    let seen = '';
    const read = async (): Promise<void> => {
      for await (const piece of response.body!) seen += decoder.decode(piece as Uint8Array);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(seen.match(/^data: /gm)).toHaveLength(3);
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({ outcome: 'reset', sight: { status: 200, fault: 'truncate' } });
  });

  it('truncate after nothing: the head has come, and that was all', async () => {
    const { response } = await ask(fault({ kind: 'truncate', after: 0 }), { stream: true });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('a wrong content type is the SDK’s to find out', async () => {
    const { response } = await ask(fault({ kind: 'content-type', type: 'text/html' }));
    expect(response.headers.get('content-type')).toBe('text/html');
  });
});
