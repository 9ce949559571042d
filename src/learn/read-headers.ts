import type { Unit } from '../../mock-server/admission/limit.ts';
import type { Observation } from '../recorded/observation.ts';
import type { Range } from './range.ts';
import { readMoment, readWait } from './read-wait.ts';
import type { Reading } from './reading.ts';

/** A triple of headers, and what it counts. */
interface Triple {
  readonly unit: Unit;
  readonly label?: string;
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** Tokens that are printed in thousands. */
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

/** What the limit headers of an answer say, a reading for each limit; figures that are no counts (−1) say nothing. */
export function readHeaders(answer: Observation, index: number): Reading[] {
  const { headers } = answer;
  const { atUs, promptTokens } = answer;
  const common = {
    index,
    atUs,
    refused: answer.status === 429,
    ...(promptTokens !== undefined && { promptTokens }),
    ...whoAsked(answer),
  };
  const triples = TRIPLES.flatMap((triple): Reading[] => {
    const limit = count(headers[triple.limit]);
    const remaining = count(headers[triple.remaining]);
    if (limit === undefined || limit === 0 || remaining === undefined || remaining > limit) return [];
    const { unit, label, rounding } = triple;
    const resetUs = resetOf(headers[triple.reset], answer.atUs);
    return [{ ...common, unit, limit, remaining, rounding, ...(label && { label }), ...(resetUs && { resetUs }) }];
  });
  return [...withoutSums(triples), ...ietfReadings(headers).map((reading) => ({ ...common, ...reading }))];
}

/** Whose limits an answer is about. */
export function whoAsked({ key = '', model = '' }: Observation): { key: string; model: string } {
  return { key, model };
}

/** Anthropic prints input and output limits, and their sum as if it were a third. */
function withoutSums(readings: readonly Reading[]): readonly Reading[] {
  const of = (unit: Unit): Reading | undefined => readings.find((reading) => reading.unit === unit);
  const [input, output, both] = [of('input-tokens'), of('output-tokens'), of('tokens')];
  if (!input || !output || !both || both.limit !== input.limit + output.limit) return readings;
  return readings.filter((reading) => reading !== both);
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** A wait, a moment, or a Unix time in seconds. */
function resetOf(text: string | undefined, atUs: number): Range | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return readMoment(text, atUs);
  const wait = readWait(text);
  return wait && wait.high > 1e15 ? { low: wait.low - atUs, high: wait.high - atUs } : wait;
}

type IetfReading = Pick<Reading, 'unit' | 'label' | 'limit' | 'remaining' | 'rounding' | 'resetUs' | 'statedWindowUs'>;

/**
 * `RateLimit-Policy: "burst";q=100;w=60` with `RateLimit: "burst";r=50;t=30`
 * (draft-ietf-httpapi-ratelimit-headers-10: lists of strings with parameters, RFC 9651).
 */
function ietfReadings(headers: Readonly<Record<string, string>>): IetfReading[] {
  const policies = items(headers['ratelimit-policy']);
  return items(headers.ratelimit).flatMap(({ name, parameters: { r, t } }): IetfReading[] => {
    const policy = policies.find((one) => one.name === name)?.parameters;
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
        ...(reset !== undefined && { resetUs: readWait(String(reset))! }),
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
