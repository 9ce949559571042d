import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { send, statusesOf, wildRequests } from './fuzz.ts';
import { HI, KEY } from './openai-provider.ts';
import { serve } from './sdks/serve.ts';

/** `npm run fuzz` sets a higher number. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 150);
const SEED = process.env.FUZZ_SEED === undefined ? {} : { seed: Number(process.env.FUZZ_SEED) };

describe.each<DialectName>(['openai', 'azure', 'anthropic', 'gemini'])('%s', (dialect) => {
  it(`replies to ${RUNS} wild requests with an answer or a 4xx in its format, never a crash or a 5xx`, {
    timeout: 600_000,
  }, async () => {
    const { url, exchanges } = await serve({ dialect });
    const port = Number(new URL(url).port);
    const counts = { ok: 0, refused: 0, nothing: 0 };
    await fc.assert(
      fc.asyncProperty(wildRequests(dialect), async (wild) => {
        const text = await send(port, wild);
        const statuses = statusesOf(text);
        expect(statuses, text.slice(0, 500)).toBeDefined();
        for (const status of statuses!) {
          expect(
            status === 100 || (status >= 200 && status < 300) || (status >= 400 && status < 500),
            text.slice(0, 900),
          ).toBe(true);
          if (status >= 400) counts.refused++;
          else counts.ok++;
          // Error replies have a body, except to HEAD.
          if (status >= 400 && !wild.bytes.toString('latin1').startsWith('HEAD')) expect(text).toContain('error');
        }
        if (statuses!.length === 0) counts.nothing++;
      }),
      { numRuns: RUNS, ...SEED },
    );
    expect(counts.refused).toBeGreaterThan(RUNS / 5);
    expect(exchanges.length).toBeGreaterThan(RUNS / 5);
    // The server still works.
    const after = await fetch(`${url}/nothing`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: JSON.stringify(HI),
    });
    expect(after.status).toBe(404);
  });
});
