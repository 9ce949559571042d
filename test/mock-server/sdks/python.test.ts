import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWith, PYTHON } from '../../real-parts.ts';
import { S } from '../openai-provider.ts';
import { serve } from './serve.ts';

describeWith(['python3-httpx'], 'Python with httpx, without an SDK', () => {
  it('answer, stream, tool call, and the requested wait of a 429', async () => {
    const limits = [
      {
        name: 'requests',
        scope: ['organization' as const],
        unit: 'requests' as const,
        spec: { algorithm: 'token-bucket' as const, capacity: 3, refill: { amount: 1, periodUs: S } },
        chargeRejected: 'none' as const,
      },
    ];
    const { url, statuses } = await serve({ limits, answer: { fixed: 'one two three' } });
    const script = fileURLToPath(new URL('./plain_httpx.py', import.meta.url));
    const { stdout } = await promisify(execFile)(PYTHON, [script, url], { env: { NO_PROXY: '127.0.0.1' } });
    expect(JSON.parse(stdout)).toEqual({
      answer: 'one two three',
      stream: 'one two three',
      tool: ['get_weather', { city: expect.any(String) }],
      waits: [1],
    });
    expect(statuses()).toEqual([200, 200, 200, 429, 200]);
  });
});
