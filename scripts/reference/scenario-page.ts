import { z } from 'zod';
import { scenarioSchema } from '../../src/scenario/schema.ts';
import { SCENARIO_EXAMPLES } from './scenario-examples.ts';
import { alternatives, type JsonSchema, type KeyRow, rowsOf } from './schema-rows.ts';

/** A part of the reference: the keys of one block, or of one kind of entry. */
export interface ReferenceSection {
  readonly title: string;
  readonly about: string;
  readonly rows: readonly KeyRow[];
}

const schema = z.toJSONSchema(scenarioSchema, { io: 'input', reused: 'inline' }) as JsonSchema;
const top = schema.properties!;
const blockOf = (one: JsonSchema): JsonSchema => alternatives(one).find(({ properties }) => properties)!;
const provider = blockOf(top.provider!);
const client = blockOf(top.client!);

/** Blocks of the client with a section of their own. */
const CLIENT_PARTS = ['undici', 'autocannon', 'retries', 'budget', 'pace', 'breaker', 'aimd'];
const MODEL_KEYS = ['model', 'concurrency', 'timeout', 'deadline', 'retries', 'budget', 'pace', 'breaker', 'aimd'];

/** Every section of the reference of the scenario file, in its order. */
export function scenarioSections(): readonly ReferenceSection[] {
  const clientRows = rowsOf(client, new Set(CLIENT_PARTS));
  const ofModel = ({ path }: KeyRow): boolean => MODEL_KEYS.includes(path);
  return [
    section(
      'The file',
      { ...schema, description: 'The keys at the top of a scenario.' },
      new Set(Object.keys(top).filter((key) => key !== 'time')),
    ),
    section('provider', provider, new Set(['limits', 'faults', 'answer'])),
    ...kindsOf('provider.limits[]', provider.properties!.limits!, 'algorithm'),
    section('provider.faults[]', {
      ...blockOf(entryOf(provider.properties!.faults!)),
      description: 'Injected faults; [the provider](../provider.md#faults) says what each kind does.',
    }),
    sectionWithin('provider.answer', provider.properties!.answer!),
    { title: 'client', about: top.client!.description!, rows: clientRows.filter((row) => !ofModel(row)) },
    section('client.undici', client.properties!.undici!),
    section('client.autocannon', client.properties!.autocannon!),
    {
      title: 'client: its model',
      about: 'How the client is simulated in model time, by `plan`, `sweep` and `client: { model: … }`.',
      rows: rowsOf({ ...client, properties: pick(client.properties!, MODEL_KEYS) }),
    },
    section('call', top.call!),
    ...kindsOf('load[]', top.load!, 'executor'),
    section('gateway', top.gateway!),
    namedValues(
      'thresholds',
      'METRIC',
      'A bound, or a list of them; [metrics](../metrics.md) lists what can be bounded.',
    ),
    namedValues('verdicts', 'VERDICT', '[Verdicts](../verdicts.md) lists them, with the settings of each.'),
  ];
}

/** A block whose keys are names, such as those of metrics; `name` stands for any of them. */
function namedValues(title: string, name: string, about: string): ReferenceSection {
  const value = top[title]!.additionalProperties as JsonSchema;
  const rows = rowsOf({ properties: { [name]: { ...value, description: about } } });
  return { title, about: top[title]!.description!, rows: rows.filter(({ path }) => !path.includes('[]')) };
}

function pick<Value>(from: Readonly<Record<string, Value>>, keys: readonly string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}

function section(title: string, block: JsonSchema, elsewhere?: ReadonlySet<string>): ReferenceSection {
  return { title, about: block.description ?? '', rows: rowsOf(block, elsewhere) };
}

/** The keys of all forms of a value. */
function sectionWithin(title: string, value: JsonSchema): ReferenceSection {
  const rows = alternatives(value).flatMap((one) => rowsOf(one));
  return { title, about: value.description ?? '', rows: [...new Map(rows.map((row) => [row.path, row])).values()] };
}

function entryOf(value: JsonSchema): JsonSchema {
  return alternatives(value).find(({ items }) => items)!.items!;
}

/** One section for the keys that all kinds of an entry of a list have, and one for each kind. */
function kindsOf(title: string, list: JsonSchema, discriminator: string): ReferenceSection[] {
  const kinds = alternatives(entryOf(list)).filter(({ properties }) => properties);
  const isCommon = ({ path }: KeyRow): boolean =>
    path !== discriminator &&
    kinds.filter(({ properties }) => path.split(/[.[]/)[0]! in properties!).length > kinds.length / 2;
  const all = kinds.map((kind) => ({ kind, rows: rowsOf(kind) }));
  const common = new Map(all.flatMap(({ rows }) => rows.filter(isCommon).map((row) => [row.path, row])));
  const sections = all.map(({ kind, rows }) => {
    const tag = kind.properties![discriminator]!;
    const names = tag.enum ?? [tag.const];
    const own = rows.filter((row) => row.path === discriminator || !isCommon(row));
    return { title: `${title}: ${names.join(', ')}`, about: tag.description ?? '', rows: own };
  });
  return [{ title, about: list.description ?? '', rows: [...common.values()] }, ...sections];
}

const HEAD = `# Scenario reference

Every key of a scenario file, from the schema that checks it (\`npm run reference\`). [The scenario file](../scenario.md) explains
the format; \`quotalab validate FILE\` checks a file; editors complete and explain keys with
[the JSON schema](../../schema/scenario.schema.json).

| type | written as |
|---|---|
| duration | \`250ms\`, \`30s\`, \`1m30s\`, \`2h\`, \`1d\`, or \`0\` |
| rate | \`5/s\`, \`500/min\`, \`90k/min\`, \`10000/day\`, \`3/20s\` |
| amount | a whole number, or text such as \`90k\` and \`1.5M\` |
| block | keys and values: \`{ p50: 300ms, p99: 900ms }\` |

An empty default means that the key is left out, with the effect that its text says. \`[]\` in a key stands for each entry of a list.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function formatSection({ title, about, rows }: ReferenceSection): string {
  const lines = rows.map(
    ({ path, type, fallback, about: text }) => `| \`${path}\` | ${cell(type)} | ${cell(fallback)} | ${cell(text)} |\n`,
  );
  return [
    `\n## ${title}\n`,
    ...(about === '' ? [] : [`\n${about}\n`]),
    `\n| key | type | default | what it does |\n|---|---|---|---|\n${lines.join('')}`,
    ...(SCENARIO_EXAMPLES[title] ?? []).map((example) => `\n\`\`\`yaml\n${example.trim()}\n\`\`\`\n`),
  ].join('');
}

/** Returns docs/reference/scenario.md: every key of a scenario with type, default and meaning, and examples by block. */
export function scenarioPage(): string {
  return HEAD + scenarioSections().map(formatSection).join('');
}
