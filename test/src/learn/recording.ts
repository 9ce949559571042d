import type { Limit } from '../../../mock-server/admission/limit.ts';
import { createProvider, type Provider } from '../../../mock-server/provider.ts';
import type { ProviderRequest } from '../../../mock-server/reply.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { isLimitHeader, MOST_ERROR_TEXT, type Observation } from '../../../src/recorded/observation.ts';
import { post, S, START_US, settings, shortHash, text } from '../../mock-server/openai-provider.ts';

/** One request of a recording: when, by which key, for which model, and how long its prompt is. */
export interface Asked {
  readonly atUs: number;
  readonly key?: string;
  readonly model?: string;
  readonly words?: number;
}

export interface Recorded {
  readonly limits: readonly Limit[];
  readonly asked: readonly Asked[];
  readonly settings?: Partial<ProviderSettings>;
}

/** What a recording of these requests to the repo's own provider holds; replies end while later requests arrive. */
export function record({ limits, asked, settings: rest = {} }: Recorded): Observation[] {
  const made = settings({ limits, keys: 'any', models: ['model-a', 'model-b'], ...rest });
  const provider = createProvider(made, shortHash);
  const open: { id: number; endUs: number }[] = [];
  return asked.map((one) => {
    for (const reply of open.filter(({ endUs }) => endUs <= one.atUs)) provider.finish(reply.id, reply.endUs);
    open.splice(0, open.length, ...open.filter(({ endUs }) => endUs > one.atUs));
    return observe(provider, made.dialect, one, open);
  });
}

function observe(
  provider: Provider,
  dialect: ProviderSettings['dialect'],
  asked: Asked,
  open: { id: number; endUs: number }[],
): Observation {
  const { atUs, key = 'sk-first-key-0123456789', model = 'model-a' } = asked;
  const reply = provider.receive(requestFor(dialect, { ...asked, key, model }), atUs);
  const endUs = atUs + Math.max(reply.headAfterUs, ...reply.frames.map(({ afterUs }) => afterUs));
  open.push({ id: reply.id, endUs });
  const { errorType, errorCode, promptTokens, completionTokens } = reply.sight;
  const body = reply.status === 200 ? undefined : JSON.parse(text(reply));
  return {
    atUs,
    endUs,
    timed: true,
    status: reply.status,
    headers: Object.fromEntries(Object.entries(reply.headers).filter(([name]) => isLimitHeader(name))),
    endpoint: 'chat.completions',
    model,
    key: shortHash(key),
    ...(errorType && { errorType }),
    ...(errorCode && { errorCode }),
    ...(body && { errorText: body.error.message.slice(0, MOST_ERROR_TEXT) }),
    ...(promptTokens !== undefined && { promptTokens }),
    ...(completionTokens !== undefined && { completionTokens }),
  };
}

function requestFor(dialect: ProviderSettings['dialect'], { key, model, words = 4 }: Asked): ProviderRequest {
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

/** Requests at uneven moments, `perSecond` of them on average, for so many seconds; each drawn from the keys and models. */
export function stream(
  random: () => number,
  {
    perSecond,
    seconds,
    keys = [undefined],
    models = [undefined],
    mostWords = 4,
  }: {
    perSecond: number;
    seconds: number;
    keys?: readonly (string | undefined)[];
    models?: readonly (string | undefined)[];
    mostWords?: number;
  },
): Asked[] {
  const asked: Asked[] = [];
  let atUs = START_US + 217_391;
  const endUs = atUs + seconds * S;
  const from = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  while (atUs < endUs) {
    const key = from(keys);
    const model = from(models);
    const words = 1 + Math.floor(random() * mostWords);
    asked.push({ atUs: Math.round(atUs), words, ...(key && { key }), ...(model && { model }) });
    atUs += (-Math.log(1 - random()) * S) / perSecond;
  }
  return asked;
}
