import { z } from 'zod';
import { QuotaLabError } from '../../mock-server/error.ts';
import { parseWith } from '../scenario/parse-with.ts';
import type { Conditions, Json } from './conditions.ts';
import { MEASUREMENT_VERSION, type Measurement, type SeedStatus } from './measurement.ts';

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

const conditions: z.ZodType<Conditions> = z.strictObject({
  name: z.string(),
  time: z.enum(['virtual', 'wall', 'scaled', 'model']),
  speed: z.int().optional().describe('In scaled time: how many times as fast clocks ran.'),
  start: z.string().optional().describe('Where clocks jump: what they show at the start.'),
  load: json,
  call: json,
  provider: z.record(z.string(), json).describe('Limits by name; answers that are long as a hash.'),
  gateway: json
    .optional()
    .describe('What stood before the provider: its command, variables and configuration, as hashes.'),
}) as z.ZodType<Conditions>;

const STATUSES = ['pass', 'warn', 'fail', 'inconclusive', 'not-applicable', 'would-fail', 'missing'] as const;
const severity = z.enum(['error', 'warn']);
const status: z.ZodType<SeedStatus> = z.enum(STATUSES);

/** A measurement as it stands in a file. */
const measurement = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(MEASUREMENT_VERSION),
  tool: z.string(),
  node: z.string().optional().describe("In wall and scaled time, where the machine has its say: Node's version."),
  conditions: conditions.describe('What the client was measured under.'),
  seeds: z.array(z.int()).min(1).describe('In ascending order; every list below is in their order.'),
  figures: z
    .record(z.string(), z.array(z.number().nullable()))
    .describe('Milliseconds, shares of 1; null: no samples.'),
  thresholds: z.record(z.string(), z.array(z.boolean().nullable())).describe('Whether each held.'),
  verdicts: z.record(
    z.string(),
    z.strictObject({
      severity,
      seeds: z.union([status, z.array(status)]).describe('One for all where all came out the same.'),
      reasons: z.array(z.string()).optional(),
    }),
  ),
  partial: z.array(z.string()).optional().describe('Runs that did not go their whole way.'),
});

/** Of a summary, what is compared. */
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

/** The format of baselines as a JSON schema. */
export function baselineJsonSchema(): object {
  return { ...z.toJSONSchema(measurement, { target: 'draft-7' }), $id: BASELINE_SCHEMA, title: 'QuotaLab baseline' };
}

/**
 * The measurement in a summary, a baseline, or what `run --seeds` wrote. Throws `compare/not-a-result`,
 * `compare/newer-version`, `compare/older-version`, or `compare/damaged` with every problem.
 */
export function measurementFrom(raw: unknown, file: string): Measurement {
  if (typeof raw !== 'object' || raw === null) throw unknownFile(file);
  if ('results' in raw) return measurementFrom(raw.results, file);
  const { $schema, version } = raw as { $schema?: unknown; version?: unknown };
  if (typeof version !== 'number') throw 'spread' in raw ? older(file) : unknownFile(file);
  if (version > MEASUREMENT_VERSION) throw newer(file, version);
  const message = `${file} is damaged`;
  if (typeof $schema === 'string' && $schema.includes(':summary:')) {
    if (!('conditions' in raw && 'figures' in raw)) throw older(file);
    return ofSummary(parseWith(summary, raw, 'compare/damaged', message));
  }
  if (!('seeds' in raw)) throw unknownFile(file);
  const { $schema: _schema, version: _version, ...read } = parseWith(measurement, raw, 'compare/damaged', message);
  const verdicts = Object.entries(read.verdicts).map(([id, { seeds, ...verdict }]) => [
    id,
    { ...verdict, seeds: typeof seeds === 'string' ? read.seeds.map(() => seeds) : seeds },
  ]);
  return checkedLengths({ ...read, verdicts: Object.fromEntries(verdicts) } as Measurement, file);
}

function ofSummary({
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
      verdicts.map(({ id, severity: how, status: came, wouldFail, reason }) => [
        id,
        { severity: how, seeds: [wouldFail ? 'would-fail' : came], reasons: [reason] },
      ]),
    ),
    ...(partial !== null && { partial: [`seed ${seed}: ${partial}`] }),
  };
}

/** Every list has one item for each seed. */
function checkedLengths(read: Measurement, file: string): Measurement {
  const lists: [string, { readonly length: number }][] = [
    ...Object.entries(read.figures).map(([name, list]) => [`figures.${name}`, list] as [string, typeof list]),
    ...Object.entries(read.thresholds).map(([name, list]) => [`thresholds.${name}`, list] as [string, typeof list]),
    ...Object.entries(read.verdicts).map(
      ([id, { seeds }]) => [`verdicts.${id}.seeds`, seeds] as [string, typeof seeds],
    ),
  ];
  const problems = [
    ...(read.seeds.some((seed, index) => index > 0 && seed <= read.seeds[index - 1]!)
      ? [{ path: 'seeds', message: 'must ascend, each seed once' }]
      : []),
    ...lists
      .filter(([, { length }]) => length !== read.seeds.length)
      .map(([path, { length }]) => ({ path, message: `has ${length} items for ${read.seeds.length} seeds` })),
  ];
  if (problems.length > 0) throw new QuotaLabError('compare/damaged', `${file} is damaged`, { problems });
  return read;
}

function unknownFile(file: string): QuotaLabError {
  const message = 'it must be a journal, a summary.json, a seeds.json or a baseline';
  return new QuotaLabError('compare/not-a-result', `${file} is no result of a run`, {
    problems: [{ path: '', message }],
  });
}

function newer(file: string, version: number): QuotaLabError {
  const message = `${file} has format ${version}; this version reads up to ${MEASUREMENT_VERSION}`;
  return new QuotaLabError('compare/newer-version', message);
}

function older(file: string): QuotaLabError {
  const hint = 'make it again from its journal: quotalab report journal.jsonl';
  return new QuotaLabError(
    'compare/older-version',
    `${file} was written by an older version, which did not keep what is compared`,
    {
      problems: [{ path: '', message: hint }],
    },
  );
}
