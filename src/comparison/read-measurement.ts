import { z } from 'zod';
import { QuotaLabError } from '../../mock-server/error.ts';
import { parseWith } from '../scenario/parse-with.ts';
import type { Conditions, Json } from './conditions.ts';
import { MEASUREMENT_VERSION, type Measurement, type SeedStatus } from './measurement.ts';

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

const conditions: z.ZodType<Conditions> = z.strictObject({
  name: z.string(),
  time: z.enum(['virtual', 'wall', 'scaled', 'model']),
  speed: z.int().optional().describe('Clock speed factor in scaled time.'),
  start: z.string().optional().describe('Start of the clock in virtual time.'),
  load: json,
  call: json,
  provider: z.record(z.string(), json).describe('Provider settings; limits by name, long values as hashes.'),
  gateway: json.optional().describe('The gateway: command, variables and configuration, as hashes.'),
}) as z.ZodType<Conditions>;

const STATUSES = ['pass', 'warn', 'fail', 'inconclusive', 'not-applicable', 'would-fail', 'missing'] as const;
const severity = z.enum(['error', 'warn']);
const status: z.ZodType<SeedStatus> = z.enum(STATUSES);

/** The file format of a measurement. */
const measurement = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(MEASUREMENT_VERSION),
  tool: z.string(),
  node: z.string().optional().describe('Node version, in wall and scaled time only.'),
  conditions: conditions.describe('Conditions of the measurement.'),
  seeds: z.array(z.int()).min(1).describe('In ascending order; every list below is in the order of the seeds.'),
  figures: z
    .record(z.string(), z.array(z.number().nullable()))
    .describe('Milliseconds, shares from 0 to 1; null without samples.'),
  thresholds: z.record(z.string(), z.array(z.boolean().nullable())).describe('Whether each threshold held.'),
  verdicts: z.record(
    z.string(),
    z.strictObject({
      severity,
      seeds: z.union([status, z.array(status)]).describe('A single status if all seeds agree.'),
      reasons: z.array(z.string()).optional(),
    }),
  ),
  partial: z.array(z.string()).optional().describe('Incomplete runs.'),
});

/** The fields of summary.json that a comparison needs. */
const summary = z.object({
  tool: z.string(),
  seed: z.int(),
  partial: z.string().nullable(),
  conditions,
  figures: z.record(z.string(), z.number().nullable()),
  verdicts: z.array(
    z.object({ id: z.string(), severity, status, wouldFail: z.literal(true).optional(), reason: z.string() }),
  ),
  thresholds: z.array(z.object({ metric: z.string(), expression: z.string(), ok: z.boolean() })),
  generated: z.object({ node: z.string().optional() }),
});

export const BASELINE_SCHEMA = `urn:quotalab:schema:baseline:${MEASUREMENT_VERSION}`;

/** Returns the JSON schema of baselines. */
export function baselineJsonSchema(): object {
  return { ...z.toJSONSchema(measurement, { target: 'draft-7' }), $id: BASELINE_SCHEMA, title: 'QuotaLab baseline' };
}

/**
 * Parses the measurement in a summary.json, a baseline or a seeds.json. Throws `compare/not-a-result`,
 * `compare/newer-version`, `compare/older-version`, or `compare/damaged` with every problem.
 */
export function parseMeasurement(raw: unknown, file: string): Measurement {
  if (typeof raw !== 'object' || raw === null) throw unknownFile(file);
  if ('results' in raw) return parseMeasurement(raw.results, file);
  const { $schema, version } = raw as { $schema?: unknown; version?: unknown };
  if (typeof version !== 'number') throw 'spread' in raw ? olderVersion(file) : unknownFile(file);
  if (version > MEASUREMENT_VERSION) throw newerVersion(file, version);
  const message = `${file} is damaged`;
  if (typeof $schema === 'string' && $schema.includes(':summary:')) {
    if (!('conditions' in raw && 'figures' in raw)) throw olderVersion(file);
    return measurementFromSummary(parseWith(summary, raw, 'compare/damaged', message));
  }
  if (!('seeds' in raw)) throw unknownFile(file);
  const { $schema: _schema, version: _version, ...parsed } = parseWith(measurement, raw, 'compare/damaged', message);
  const verdicts = Object.entries(parsed.verdicts).map(([id, { seeds, ...verdict }]) => [
    id,
    { ...verdict, seeds: typeof seeds === 'string' ? parsed.seeds.map(() => seeds) : seeds },
  ]);
  return checkLengths({ ...parsed, verdicts: Object.fromEntries(verdicts) } as Measurement, file);
}

function measurementFromSummary({
  tool,
  seed,
  partial,
  figures,
  verdicts,
  thresholds,
  generated,
  ...rest
}: z.infer<typeof summary>): Measurement {
  const { node } = generated;
  return {
    tool,
    ...(node !== undefined && { node }),
    conditions: rest.conditions,
    seeds: [seed],
    figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, [value]])),
    thresholds: Object.fromEntries(thresholds.map(({ metric, expression, ok }) => [`${metric} ${expression}`, [ok]])),
    verdicts: Object.fromEntries(
      verdicts.map(({ id, wouldFail, reason, ...verdict }) => [
        id,
        { severity: verdict.severity, seeds: [wouldFail ? 'would-fail' : verdict.status], reasons: [reason] },
      ]),
    ),
    ...(partial !== null && { partial: [`seed ${seed}: ${partial}`] }),
  };
}

/** Throws `compare/damaged` unless every list has one item per seed. */
function checkLengths(measured: Measurement, file: string): Measurement {
  const lists: [string, { readonly length: number }][] = [
    ...Object.entries(measured.figures).map(([name, list]) => [`figures.${name}`, list] as [string, typeof list]),
    ...Object.entries(measured.thresholds).map(([name, list]) => [`thresholds.${name}`, list] as [string, typeof list]),
    ...Object.entries(measured.verdicts).map(
      ([id, { seeds }]) => [`verdicts.${id}.seeds`, seeds] as [string, typeof seeds],
    ),
  ];
  const problems = [
    ...(measured.seeds.some((seed, index) => index > 0 && seed <= measured.seeds[index - 1]!)
      ? [{ path: 'seeds', message: 'must be in ascending order without duplicates' }]
      : []),
    ...lists
      .filter(([, { length }]) => length !== measured.seeds.length)
      .map(([path, { length }]) => ({ path, message: `has ${length} items for ${measured.seeds.length} seeds` })),
  ];
  if (problems.length > 0) throw new QuotaLabError('compare/damaged', `${file} is damaged`, { problems });
  return measured;
}

function unknownFile(file: string): QuotaLabError {
  const message = 'expected a journal, a summary.json, a seeds.json or a baseline';
  return new QuotaLabError('compare/not-a-result', `${file} is not the result of a run`, {
    problems: [{ path: '', message }],
  });
}

function newerVersion(file: string, version: number): QuotaLabError {
  const message = `${file} has format ${version}; this version reads up to ${MEASUREMENT_VERSION}`;
  return new QuotaLabError('compare/newer-version', message);
}

function olderVersion(file: string): QuotaLabError {
  const hint = 'recreate it from its journal: quotalab report journal.jsonl';
  return new QuotaLabError(
    'compare/older-version',
    `${file} was written by an older version and lacks the data to compare`,
    {
      problems: [{ path: '', message: hint }],
    },
  );
}
