import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '../../mock-server/dialects/dialects.ts';
import { provider, START_US, text } from '../mock-server/openai-provider.ts';
import { drawRequest } from './requests/draw-request.ts';
import { judgeReply } from './requests/judge-reply.ts';
import { createDice } from './requests/wild-values.ts';
import { tryRequests } from './requests.ts';

// A few requests with a fixed seed; `npm run fire -- requests` sends a million to each.
describe('random requests: no crash, no status of 5xx without a fault, and bodies that readers and schemas accept', () => {
  it.each(DIALECT_NAMES)('%s', (dialect) => {
    const { examples, wrong, kinds, answered, rateLimited, rejected, streams } = tryRequests(dialect, 300, 2);
    expect({ wrong, examples }).toEqual({ wrong: 0, examples: [] });
    expect(Math.min(...Object.values(kinds), answered, rateLimited, rejected, streams)).toBeGreaterThan(3);
  });

  it('a body that is not what its provider recorded is seen', () => {
    const drawn = drawRequest(
      'anthropic',
      createDice(() => 0.1),
    );
    const reply = provider({ dialect: 'anthropic', keys: 'any' }).receive(drawn.request, START_US);
    const problems = (altered: Partial<typeof reply>): string[] => judgeReply(drawn, { ...reply, ...altered }, {});
    expect(reply.status).toBe(200);
    expect(problems({})).toEqual([]);
    expect(problems({ status: 500 })).toEqual([
      expect.stringMatching(/^refused/),
      expect.stringMatching(/^status 500/),
    ]);
    expect(problems({ frames: [{ afterUs: 1, text: text(reply).slice(1) }] })).toContainEqual(
      expect.stringMatching(/not-json/),
    );
    expect(problems({ headers: { ...reply.headers, x: 'a\nb' } })).toEqual([
      expect.stringMatching(/header cannot be sent/),
    ]);
    expect(problems({ view: { ...reply.view, completionTokens: 99 } })).toEqual([
      expect.stringMatching(/^completionTokens/),
    ]);
  });
});
