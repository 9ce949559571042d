import type { DialectName } from '../../mock-server/settings.ts';
import { type CodeInput, resolveCode } from './client-code.ts';
import { type ModelInput, resolveModel } from './client-schema.ts';
import type { ClientSettings } from './scenario.ts';
import { undiciEnvironment, undiciModel } from './undici-code.ts';

/** The code under test with all that it needs: a client that comes with the package knows what stands for it. */
export function resolveClient(
  { env, ...raw }: CodeInput & ModelInput & Pick<ClientSettings, 'env'>,
  dialect: DialectName,
): ClientSettings {
  const { undici, autocannon, model } = raw;
  const standIn = undici ? undiciModel(undici) : autocannon && { model: 'none' };
  return {
    ...resolveCode(raw),
    env: { ...(undici && undiciEnvironment(undici, dialect)), ...env },
    model: resolveModel(model === undefined ? { ...standIn, ...raw } : raw),
    assumed: model === undefined && standIn === undefined,
  };
}
