import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { listen } from '../../mock-server/listen.ts';
import { scenarioFrom } from '../../src/scenario/load-scenario.ts';
import { provider } from './openai-provider.ts';

async function ask(url: string, agent: Agent): Promise<{ asked: ClientRequest; reply: IncomingMessage }> {
  const asked = request(`${url}/v1/models`, { agent }).end();
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  reply.resume();
  await once(reply, 'end');
  return { asked, reply };
}

it('an idle connection is closed without a word, one that is used is not', async () => {
  const server = await listen(provider({ idleTimeoutUs: 300_000 }), { nowUs: () => Date.now() * 1000 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(async () => {
    agent.destroy();
    await server.close();
  });
  const first = await ask(server.url, agent);
  const again = await ask(server.url, agent);
  expect(again.asked.reusedSocket).toBe(true);
  expect(first.reply.headers['keep-alive']).toBeUndefined();
  // Ends only if the server closes it: Node has no reason to.
  await once(again.asked.socket!, 'close');
  expect((await ask(server.url, agent)).asked.reusedSocket).toBe(false);
});

it('is refused where there are no connections', async () => {
  const raw = {
    name: 'x',
    client: { model: 'openai-node' } as const,
    provider: { idleTimeout: '5s' },
    load: [{ executor: 'constant-vus' as const, vus: 1, duration: '1s' }],
  };
  await expect(scenarioFrom(raw, '/tmp')).rejects.toMatchObject({
    problems: expect.arrayContaining([
      expect.objectContaining({ path: 'provider.idleTimeout', message: expect.stringMatching(/^has no effect in/) }),
    ]),
  });
});
