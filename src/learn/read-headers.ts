import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Observation } from '../recorded/observation.ts';
import type { LimitReading } from './limit-reading.ts';
import type { Range } from './range.ts';
import { parseTimeAsWait, parseWait } from './read-wait.ts';

/** Three headers of one limit, and the unit that it counts. */
interface Triple {
  readonly unit: Unit;
  readonly label?: string;
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** Largest rounding error of `remaining`: Anthropic rounds tokens to thousands. */
  readonly rounding: number;
}

const OPENAI = ['requests', 'tokens', 'input-tokens', 'output-tokens', 'images', 'project-tokens'] as const;
const ANTHROPIC = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

const TRIPLES: readonly Triple[] = [
  ...OPENAI.map((name) => ({
    unit: name === 'project-tokens' ? ('tokens' as const) : name,
    ...(name === 'project-tokens' && { label: 'project' }),
    limit: `x-ratelimit-limit-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
    reset: `x-ratelimit-reset-${name}`,
    rounding: 0,
  })),
  ...ANTHROPIC.map((unit) => ({
    unit,
    limit: `anthropic-ratelimit-${unit}-limit`,
    remaining: `anthropic-ratelimit-${unit}-remaining`,
    reset: `anthropic-ratelimit-${unit}-reset`,
    rounding: unit === 'requests' ? 0 : 500,
  })),
  ...['ratelimit', 'x-ratelimit'].map((name) => ({
    unit: 'requests' as const,
    limit: `${name}-limit`,
    remaining: `${name}-remaining`,
    reset: `${name}-reset`,
    rounding: 0,
  })),
];

/** Reads the limit headers of a reply, one reading for each limit. Limits with invalid figures (−1) are skipped. */
export function readHeaders(reply: Observation, index: number): LimitReading[] {
  const { headers } = reply;
  const { atUs, promptTokens } = reply;
  const common = {
    index,
    atUs,
    refused: reply.status === 429,
    ...(promptTokens !== undefined && { promptTokens }),
    ...keyAndModel(reply),
  };
  const triples = TRIPLES.flatMap((triple): LimitReading[] => {
    const limit = count(headers[triple.limit]);
    const remaining = count(headers[triple.remaining]);
    if (limit === undefined || limit === 0 || remaining === undefined || remaining > limit) return [];
    const { unit, label, rounding } = triple;
    const resetUs = resetOf(headers[triple.reset], reply.atUs);
    return [{ ...common, unit, limit, remaining, rounding, ...(label && { label }), ...(resetUs && { resetUs }) }];
  });
  return [...withoutSums(triples), ...ietfReadings(headers).map((reading) => ({ ...common, ...reading }))];
}

/** Returns the key and model whose limits a reply is about. */
export function keyAndModel({ key = '', model = '' }: Observation): { key: string; model: string } {
  return { key, model };
}

/** Anthropic sends the sum of its input and output limits as if it were a third limit. */
function withoutSums(readings: readonly LimitReading[]): readonly LimitReading[] {
  const of = (unit: Unit): LimitReading | undefined => readings.find((reading) => reading.unit === unit);
  const [input, output, both] = [of('input-tokens'), of('output-tokens'), of('tokens')];
  if (!input || !output || !both || both.limit !== input.limit + output.limit) return readings;
  return readings.filter((reading) => reading !== both);
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** Parses a wait, a time, or a Unix time in seconds. */
function resetOf(text: string | undefined, atUs: number): Range | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return parseTimeAsWait(text, atUs);
  const wait = parseWait(text);
  return wait && wait.high > 1e15 ? { low: wait.low - atUs, high: wait.high - atUs } : wait;
}

type IetfReading = Pick<
  LimitReading,
  'unit' | 'label' | 'limit' | 'remaining' | 'rounding' | 'resetUs' | 'statedWindowUs'
>;

/**
 * Reads `RateLimit-Policy: "burst";q=100;w=60` with `RateLimit: "burst";r=50;t=30`
 * (draft-ietf-httpapi-ratelimit-headers-10: lists of strings with parameters, RFC 9651).
 */
function ietfReadings(headers: Readonly<Record<string, string>>): IetfReading[] {
  const policies = items(headers['ratelimit-policy']);
  return items(headers.ratelimit).flatMap(({ name, parameters: { r, t } }): IetfReading[] => {
    const policy = policies.find((candidate) => candidate.name === name)?.parameters;
    const unit = UNITS.get(policy?.qu ?? 'requests');
    const [quota, remaining, reset, window] = [policy?.q, r, t, policy?.w].map(count);
    if (unit === undefined || !quota || remaining === undefined) return [];
    return [
      {
        unit,
        label: name,
        limit: quota,
        remaining,
        rounding: 0,
        ...(reset !== undefined && { resetUs: parseWait(String(reset))! }),
        ...(window && { statedWindowUs: window * 1e6 }),
      },
    ];
  });
}

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['requests', 'requests'],
  ['tokens', 'tokens'],
  ['concurrent-requests', 'concurrent'],
]);

function items(text = ''): { name: string; parameters: Readonly<Record<string, string>> }[] {
  return [...text.matchAll(/(?:^|,)\s*"([^"]*)"((?:\s*;\s*[\w*-]+=(?:"[^"]*"|[^;,\s]+))*)/g)].map(([, name, rest]) => ({
    name: name!,
    parameters: Object.fromEntries(
      [...rest!.matchAll(/([\w*-]+)=("[^"]*"|[^;,\s]+)/g)].map(([, key, value]) => [key!, value!.replaceAll('"', '')]),
    ),
  }));
}
