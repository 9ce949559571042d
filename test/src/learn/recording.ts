import type { Limit } from '../../../mock-server/admission/limit.ts';
import { createProvider, type Provider } from '../../../mock-server/provider.ts';
import type { ProviderRequest } from '../../../mock-server/reply.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { isKeptHeader, MAX_ERROR_TEXT_CHARS, type Observation } from '../../../src/recorded/observation.ts';
import { post, S, START_US, settings, shortHash, text } from '../../mock-server/openai-provider.ts';

/** A request to record: its time, key, model and prompt length. */
export interface SentRequest {
  readonly atUs: number;
  readonly key?: string;
  readonly model?: string;
  readonly words?: number;
}

export interface Recorded {
  readonly limits: readonly Limit[];
  readonly sent: readonly SentRequest[];
  readonly settings?: Partial<ProviderSettings>;
}

/** Records these requests to the mock provider; replies may end after later requests have arrived. */
export function record({ limits, sent, settings: rest = {} }: Recorded): Observation[] {
  const fullSettings = settings({ limits, keys: 'any', models: ['model-a', 'model-b'], ...rest });
  const provider = createProvider(fullSettings, shortHash);
  const open: { id: number; endUs: number }[] = [];
  return sent.map((request) => {
    for (const reply of open.filter(({ endUs }) => endUs <= request.atUs)) provider.finish(reply.id, reply.endUs);
    open.splice(0, open.length, ...open.filter(({ endUs }) => endUs > request.atUs));
    return observe(provider, fullSettings.dialect, request, open);
  });
}

function observe(
  provider: Provider,
  dialect: ProviderSettings['dialect'],
  sent: SentRequest,
  open: { id: number; endUs: number }[],
): Observation {
  const { atUs, key = 'sk-first-key-0123456789', model = 'model-a' } = sent;
  const reply = provider.receive(requestFor(dialect, { ...sent, key, model }), atUs);
  const endUs = atUs + Math.max(reply.headAfterUs, ...reply.frames.map(({ afterUs }) => afterUs));
  open.push({ id: reply.id, endUs });
  const { errorType, errorCode, promptTokens, completionTokens } = reply.view;
  const body = reply.status === 200 ? undefined : JSON.parse(text(reply));
  return {
    atUs,
    endUs,
    timed: true,
    status: reply.status,
    headers: Object.fromEntries(Object.entries(reply.headers).filter(([name]) => isKeptHeader(name))),
    endpoint: 'chat.completions',
    model,
    key: shortHash(key),
    ...(errorType && { errorType }),
    ...(errorCode && { errorCode }),
    ...(body && { errorText: body.error.message.slice(0, MAX_ERROR_TEXT_CHARS) }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(completionTokens !== undefined && { completionTokens }),
  };
}

function requestFor(dialect: ProviderSettings['dialect'], { key, model, words = 4 }: SentRequest): ProviderRequest {
  const messages = [{ role: 'user', content: 'word '.repeat(words) }];
  const body = { model, messages, max_tokens: 16 };
  switch (dialect) {
    case 'azure':
      return post(`/openai/deployments/${model}/chat/completions?api-version=2024-10-21`, body, {
        'api-key': key!,
        authorization: '',
      });
    case 'anthropic':
      return post('/v1/messages', body, { 'x-api-key': key!, 'anthropic-version': '2023-06-01', authorization: '' });
    case 'gemini':
      return post(
        `/v1beta/models/${model}:generateContent`,
        { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
        { 'x-goog-api-key': key!, authorization: '' },
      );
    default:
      return post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
  }
}

/** Creates requests at random times, `perSecond` on average, with random keys and models. */
export function stream(
  random: () => number,
  {
    perSecond,
    seconds,
    keys = [undefined],
    models = [undefined],
    maxWords = 4,
  }: {
    perSecond: number;
    seconds: number;
    keys?: readonly (string | undefined)[];
    models?: readonly (string | undefined)[];
    maxWords?: number;
  },
): SentRequest[] {
  const sent: SentRequest[] = [];
  let atUs = START_US + 217_391;
  const endUs = atUs + seconds * S;
  const from = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  while (atUs < endUs) {
    const key = from(keys);
    const model = from(models);
    const words = 1 + Math.floor(random() * maxWords);
    sent.push({ atUs: Math.round(atUs), words, ...(key && { key }), ...(model && { model }) });
    atUs += (-Math.log(1 - random()) * S) / perSecond;
  }
  return sent;
}
