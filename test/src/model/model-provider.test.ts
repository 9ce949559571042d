import { expect, it } from 'vitest';
import { createModelProvider } from '../../../src/model/model-provider.ts';
import { settings } from '../../mock-server/openai-provider.ts';
import { header } from '../analysis/strip.ts';

const START_US = 1_767_225_600_000_000;
const refusing = (retryAfter: string) => {
  const { scenario } = header();
  const faults = [{ fromUs: 0, untilUs: 20_000_000, does: { kind: 'refuse', says: 'rate-limit', retryAfter } }];
  const provider = { ...settings({}), faults } as typeof scenario.provider;
  return createModelProvider({ ...scenario, provider }).reply(
    { prompt: 'hello', model: 'gpt-4o-mini', stream: false },
    START_US,
  );
};

it('a fault that refuses asks a modelled client to wait as it asks a real one', () => {
  const { failure, view } = refusing('7');
  expect(failure).toMatchObject({ status: 429, seconds: 7 });
  expect(view(1)).toMatchObject({ retryAfterRaw: '7', retryAfterUs: 7_000_000 });
});

it.each([
  ['1.5', 1.5],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
  ['-3', undefined],
  ['6m0s', undefined],
  ['soon', undefined],
])('%s: SDKs take %s s from it', (retryAfter, seconds) => {
  expect(refusing(retryAfter).failure?.seconds).toBe(seconds);
});
