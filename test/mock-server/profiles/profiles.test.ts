import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import { findProfile, PROFILES, profileLimits } from '../../../mock-server/profiles/profiles.ts';
import { chat, json, provider, START_US } from '../openai-provider.ts';

describe('profiles', () => {
  it.each(PROFILES.map((profile) => [profile.name, profile] as const))('%s', (name, profile) => {
    expect(name).toMatch(/^(openai|azure|anthropic|gemini)\/[\w-]+\/[\w.-]+$/);
    expect(profile.source).toMatch(/^https:\/\//);
    expect(profile.read).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(profile.models.length).toBeGreaterThan(0);
    const limits = profileLimits(profile);
    expect(limits.length).toBeGreaterThan(0);
    // Every amount is valid for the limiters.
    for (const { spec } of limits) expect(createLimiter(spec).capacity).toBeGreaterThan(0);
  });

  it('have unique names', () => {
    expect(new Set(PROFILES.map(({ name }) => name)).size).toBe(PROFILES.length);
  });

  it('limit only their models, which share a bucket', () => {
    const limits = profileLimits(findProfile('openai/free/gpt-4o-mini')!);
    const tested = provider({ limits });
    const send = (model: string) => tested.receive(chat({ model }), START_US);
    expect(
      [send('gpt-4o-mini'), send('gpt-4o-mini-2024-07-18'), send('gpt-4o-mini')].map(({ status }) => status),
    ).toEqual([200, 200, 200]);
    const refused = send('gpt-4o-mini-2024-07-18');
    expect(json(refused).error.message).toContain('gpt-4o-mini-2024-07-18 (for limit gpt-4o-mini)');
    expect(send('gpt-4o').status).toBe(200);
  });
});
