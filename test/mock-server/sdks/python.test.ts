import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { S } from '../openai-provider.ts';
import { serve } from './served.ts';

/** Debian's own: the first one on the path may be another build, without Debian's packages. */
const PYTHON = '/usr/bin/python3';
const there = spawnSync(PYTHON, ['-c', 'import httpx']).status === 0;
if (!there) console.warn('skipped without httpx: apt-get install python3-httpx');

describe.skipIf(!there && process.env.CI !== 'true')(
  'Python with httpx, by hand (apt-get install python3-httpx)',
  () => {
    it('an answer, a stream, a tool call, and the wait that a 429 tells', async () => {
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
      const script = fileURLToPath(new URL('./by_hand.py', import.meta.url));
      const { stdout } = await promisify(execFile)(PYTHON, [script, url], { env: { NO_PROXY: '127.0.0.1' } });
      expect(JSON.parse(stdout)).toEqual({
        answer: 'one two three',
        stream: 'one two three',
        tool: ['get_weather', { city: expect.any(String) }],
        waits: [1],
      });
      expect(statuses()).toEqual([200, 200, 200, 429, 200]);
    });
  },
);
