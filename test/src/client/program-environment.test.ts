import { expect, it } from 'vitest';
import { programEnvironment } from '../../../src/client/program-environment.ts';

const urlOf = (dialect: string): string => `http://127.0.0.1/${dialect}`;

it('points every SDK at its own dialect and overrides inherited variables', () => {
  const inherited = { OPENAI_BASE_URL: 'https://api.openai.com/v1', PATH: '/bin' };
  const { env, set } = programEnvironment(inherited, urlOf, { keys: ['sk-first', 'sk-second'], dialect: 'anthropic' });
  expect(env).toMatchObject({
    PATH: '/bin',
    OPENAI_BASE_URL: 'http://127.0.0.1/openai/v1',
    OPENAI_API_KEY: 'sk-first',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1/anthropic',
    GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1/gemini',
  });
  expect(set).toContain('GEMINI_API_KEY');
  expect(set).not.toContain('NO_PROXY');
});

it.each([
  [undefined, '127.0.0.1,localhost,::1'],
  ['', '127.0.0.1,localhost,::1'],
  ['.corp.example,10.0.0.0/8', '127.0.0.1,localhost,::1,.corp.example,10.0.0.0/8'],
])('keeps proxy exceptions: %j', (inherited, expected) => {
  const { env } = programEnvironment({ NO_PROXY: inherited }, urlOf, { keys: 'any', dialect: 'openai' });
  expect(env.NO_PROXY).toBe(expected);
  expect(env.no_proxy).toBe('127.0.0.1,localhost,::1');
});

it('removes the variables of OpenAI with Azure', () => {
  const inherited = { OPENAI_BASE_URL: 'https://api.openai.com/v1', OPENAI_API_BASE: 'x', OPENAI_API_KEY: 'sk-real' };
  const { env, set } = programEnvironment(inherited, urlOf, { keys: 'any', dialect: 'azure' });
  expect(env).toMatchObject({ AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1/azure' });
  for (const name of Object.keys(inherited)) expect(env[name]).toBeUndefined();
  expect(set).toEqual(['AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_API_KEY', 'OPENAI_API_VERSION']);
});
