import type { Subject } from '../../mock-server/admission/limit.ts';
import type { Dialect, ResponseDraft } from '../../mock-server/dialects/dialect.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ModelRequest } from './model-request.ts';

const MODEL_KEY = 'sk-quotalab-model';

/** Whose requests a modelled client makes. */
export function subjectOf({ provider, call }: Pick<Scenario, 'provider' | 'call'>): Subject {
  return {
    key: provider.keys === 'any' ? MODEL_KEY : (provider.keys[0] ?? MODEL_KEY),
    organization: provider.organization,
    project: 'proj_default',
    model: call.model,
    ip: '127.0.0.1',
    userAgent: 'model',
    content: '',
  };
}

/** What the view of an attempt says about its error. */
export function errorView({
  errorType,
  errorCode,
}: Pick<ResponseDraft, 'errorType' | 'errorCode'>): Partial<ProviderView> {
  return { ...(errorType && { errorType }), ...(errorCode && { errorCode }) };
}

/** The part of the view common to all attempts of a modelled client, which have no body to hash. */
export function baseView(
  { mainEndpoint }: Dialect,
  { model, stream, prompt }: ModelRequest,
  call: number,
): Omit<ProviderView, 'limits' | 'status'> {
  return {
    endpoint: mainEndpoint,
    model,
    key: 'model',
    bodyHash: `call-${call}`,
    bodyBytes: utf8Length(prompt),
    stream,
    callTag: String(call),
  };
}
