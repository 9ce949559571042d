import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../mock-server/faults/fault.ts';
import { HI } from '../openai-provider.ts';
import { serve } from '../sdks/serve.ts';

const fault = (does: Fault['does']): Fault[] => [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does }];

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function send(faults: Fault[], body: object = {}, timeoutMs?: number) {
  const { url, exchanges } = await serve({ faults });
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k' },
    body: JSON.stringify({ ...HI, ...body }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  });
  return { response, exchanges };
}

/** Returns the socket error code of a failed fetch. */
async function causeOf(pending: Promise<unknown>): Promise<string> {
  const error = await pending.then(
    () => new Error('no failure'),
    (reason: Error) => reason,
  );
  return ((error.cause as { code?: string } | undefined)?.code ?? error.name) as string;
}

describe('over a socket', () => {
  it('reset: breaks the connection before the first byte', async () => {
    expect(await causeOf(send(fault({ kind: 'reset' })))).toBe('ECONNRESET');
  });

  it('hang: sends nothing until the client aborts', async () => {
    const { url, exchanges } = await serve({ faults: fault({ kind: 'hang' }) });
    const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', timeout: 50, maxRetries: 0 });
    // On a busy machine the client may give up before its request has arrived.
    while (exchanges.length === 0) {
      const pending = openai.chat.completions.create({ model: HI.model, messages: [{ role: 'user', content: 'hi' }] });
      await expect(pending).rejects.toThrow('timed out');
    }
    expect(exchanges[0]).toMatchObject({ outcome: 'aborted', view: { fault: 'hang' } });
    expect(exchanges[0]).not.toHaveProperty('headersUs');
  });

  it('truncate: delivers what was sent, then breaks the connection', async () => {
    const { response, exchanges } = await send(fault({ kind: 'truncate', after: 3 }), { stream: true });
    const decoder = new TextDecoder();
    let received = '';
    const read = async (): Promise<void> => {
      for await (const piece of response.body!) received += decoder.decode(piece as Uint8Array);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(received.match(/^data: /gm)).toHaveLength(3);
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({ outcome: 'reset', view: { status: 200, fault: 'truncate' } });
  });

  it('hang by 50 ms: sends nothing, then breaks the connection', async () => {
    expect(await causeOf(send(fault({ kind: 'hang', byUs: 50_000 })))).toBe('ECONNRESET');
  });

  it('stall by 50 ms: delivers what was sent, is silent, then breaks the connection', async () => {
    const { response, exchanges } = await send(fault({ kind: 'stall', after: 3, byUs: 50_000 }), { stream: true });
    const decoder = new TextDecoder();
    let received = '';
    const read = async (): Promise<void> => {
      for await (const piece of response.body!) received += decoder.decode(piece as Uint8Array);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(received.match(/^data: /gm)).toHaveLength(3);
    await until(() => exchanges.length === 1);
    const [{ outcome, startUs, endUs }] = exchanges as [(typeof exchanges)[number]];
    expect(outcome).toBe('reset');
    expect(endUs - startUs).toBeGreaterThanOrEqual(50_000);
  });

  it('stall: stays open until the client cancels', async () => {
    const { response, exchanges } = await send(fault({ kind: 'stall', after: 3 }), { stream: true });
    const reader = response.body!.getReader();
    await reader.read();
    expect(exchanges).toEqual([]);
    await reader.cancel();
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({ outcome: 'aborted', view: { status: 200, fault: 'stall' } });
  });

  it('truncate after 0: sends only the head', async () => {
    const { response } = await send(fault({ kind: 'truncate', after: 0 }), { stream: true });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('content-type: sends the wrong type', async () => {
    const { response } = await send(fault({ kind: 'content-type', type: 'text/html' }));
    expect(response.headers.get('content-type')).toBe('text/html');
  });
});
