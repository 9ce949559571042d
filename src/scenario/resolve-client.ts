import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { type CodeInput, resolveCode } from './client-code.ts';
import { type ModelInput, resolveModel } from './client-schema.ts';
import type { ClientSettings } from './scenario.ts';
import { undiciEnvironment, undiciModel } from './undici-code.ts';

/** Resolves the `client:` block. Built-in clients (undici, autocannon) bring their own model. */
export function resolveClient(
  { env, ...raw }: CodeInput & ModelInput & Pick<ClientSettings, 'env'>,
  dialect: DialectName,
): ClientSettings {
  const { undici, autocannon, model } = raw;
  const builtInModel = undici ? undiciModel(undici) : autocannon && { model: 'none' };
  return {
    ...resolveCode(raw),
    env: { ...(undici && undiciEnvironment(undici, dialect)), ...env },
    model: resolveModel(model === undefined ? { ...builtInModel, ...raw } : raw),
    assumed: model === undefined && builtInModel === undefined,
  };
}
