import { expect, it } from 'vitest';
import type { ProviderServer } from '../../../mock-server/listen.ts';
import { type AdminAccess, formatServeIntroduction } from '../../../src/cli/serve-messages.ts';
import { settings } from '../../mock-server/openai-provider.ts';

it.each<[AdminAccess, RegExp | undefined]>([
  ['open', undefined],
  ['given-token', /^both require the token of --token$/m],
  [{ madeToken: 'abc123' }, /^both require this token: abc123$/m],
])('what the admin routes require: %j', (access, line) => {
  const text = formatServeIntroduction({ url: 'http://127.0.0.1:4010' } as ProviderServer, settings(), access);
  expect(text).toContain('http://127.0.0.1:4010/__quotalab/state');
  if (line) expect(text).toMatch(line);
  else expect(text).not.toContain('token');
});
