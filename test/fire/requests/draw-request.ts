import type { DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { ProviderRequest } from '../../../mock-server/reply.ts';
import { VALID, type ValidRequest } from './valid-bodies.ts';
import type { Dice } from './wild-values.ts';

export const KEY = 'sk-fire-0123456789abcdef';

/** `valid`: the provider must answer or refuse it by a limit. `nearly`: a valid one, spoilt in places. `wild`: anything. */
export type Kind = 'valid' | 'nearly' | 'wild';

export interface DrawnRequest extends Pick<ValidRequest, 'schema'> {
  readonly kind: Kind;
  readonly request: ProviderRequest;
}

const METHODS = ['POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'BREW'];
const TARGETS = [
  '/',
  '/%',
  '/__proto__',
  '//',
  '/?x',
  '/v1/models',
  '/v1/models/%zz',
  '/v1/models/gpt-4o',
  '/v1beta/models',
];
const TEXTS = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '\ufeff{}',
  '{"model":',
  'a=b&c=d',
  '{"a":1}{"b":2}',
  '{"model":"gpt-4o-mini",}',
];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'user-agent': ['OpenAI/Python 1.2.3', '', 'é', 'x'.repeat(3000)],
  'x-stainless-retry-count': ['0', '2', 'x', '-1', '99999999999999999999'],
  'idempotency-key': ['one', ''],
  'x-quotalab-job': ['job-1', 'x'.repeat(500)],
  'content-type': ['text/plain', 'application/json; charset=latin1', ''],
  'anthropic-version': ['2020-01-01', ''],
  authorization: ['Bearer', 'Basic abc', 'Bearer  two words', ''],
  accept: ['text/event-stream', '*/*'],
};
const IPS = ['127.0.0.1', '::1', '10.0.0.7', '2001:db8::1', ''];

/** Draws a request of a dialect: half of them valid. */
export function drawRequest(dialect: DialectName, dice: Dice): DrawnRequest {
  const builders = VALID[dialect];
  const valid = (dice.chance(0.5) ? builders[0]! : dice.oneOf(builders))(dice);
  const kind: Kind = dice.chance(0.5) ? 'valid' : dice.chance(0.6) ? 'nearly' : 'wild';
  const request = {
    method: 'POST',
    target: valid.target,
    headers: { ...keyHeaders(), 'content-type': 'application/json' },
    body: JSON.stringify(valid.body),
    ip: '127.0.0.1',
  };
  if (kind === 'valid') return { kind, request, ...(valid.schema && { schema: valid.schema }) };
  return {
    kind,
    request: kind === 'nearly' ? { ...request, body: spoiltBody(valid, dice) } : wild(request, dialect, dice),
  };
}

function keyHeaders(): Record<string, string> {
  const key = { 'x-api-key': KEY, 'api-key': KEY, 'x-goog-api-key': KEY };
  return { authorization: `Bearer ${KEY}`, ...key, 'anthropic-version': '2023-06-01' };
}

function spoiltBody({ body }: ValidRequest, dice: Dice): string {
  let spoilt: unknown = body;
  for (let count = 1 + dice.below(3); count > 0; count--) spoilt = dice.spoil(spoilt);
  return JSON.stringify(spoilt);
}

function wild(request: ProviderRequest, dialect: DialectName, dice: Dice): ProviderRequest {
  const headers: Record<string, string | undefined> = dice.chance(0.2) ? {} : { ...request.headers };
  for (let count = dice.below(3); count > 0; count--) {
    const name = dice.oneOf(Object.keys(HEADERS));
    headers[name] = dice.oneOf(HEADERS[name]!);
  }
  const own = dice.oneOf(VALID[dialect])(dice).target;
  const target = dice.chance(0.7)
    ? own
    : dice.chance(0.5)
      ? dice.oneOf(TARGETS)
      : `${own}${dice.oneOf(['/..', '%zz', '?key=a&key=b', '/x'])}`;
  return { method: dice.oneOf(METHODS), target, headers, body: wildBody(request.body, dice), ip: dice.oneOf(IPS) };
}

function wildBody(valid: string, dice: Dice): string {
  const depth = 1 + dice.below(3000);
  switch (dice.below(6)) {
    case 0:
      return dice.oneOf(TEXTS);
    case 1:
      return valid.slice(0, dice.below(valid.length));
    case 2:
      return dice.chance(0.95) ? '[]' : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    default:
      return JSON.stringify(dice.wildValue()) ?? '';
  }
}
