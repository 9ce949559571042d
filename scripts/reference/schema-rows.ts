/** Rows of a reference from a JSON schema: one per key, blocks within blocks as `retries.max`. */

/** The part of JSON Schema that zod writes, with every reference inlined. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
}

export interface KeyRow {
  /** As in `--set`, relative to the block: `retries.max`, `stages[].target`. */
  readonly path: string;
  readonly type: string;
  /** `required`, a default in the form of the file, or empty. */
  readonly fallback: string;
  readonly about: string;
}

/** The members of a union; any other schema is its own only member. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const options = schema.title === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
  return options?.flatMap(alternatives) ?? [schema];
}

/** Returns the rows of a block's keys and of the blocks within, except those at `elsewhere`, which have their own section. */
export function rowsOf(block: JsonSchema, elsewhere: ReadonlySet<string> = new Set(), prefix = ''): KeyRow[] {
  const rows = Object.entries(block.properties ?? {}).flatMap(([key, schema]) => {
    const path = `${prefix}${key}`;
    const isRequired = block.required?.includes(key) === true;
    const fallback = isRequired ? 'required' : formatDefault(schema.default);
    const row = { path, type: typeOf(schema), fallback, about: aboutOf(schema) };
    return elsewhere.has(path) ? [row] : [row, ...rowsWithin(schema, elsewhere, path)];
  });
  return mergeEqualPaths(rows);
}

function rowsWithin(schema: JsonSchema, elsewhere: ReadonlySet<string>, path: string): KeyRow[] {
  return alternatives(schema).flatMap((one) => {
    if (one.type === 'array' && one.items) return rowsWithin(one.items, elsewhere, `${path}[]`);
    return rowsOf(one, elsewhere, `${path}.`);
  });
}

/** Alternatives of one block may share a key, such as the `type` that tells them apart. */
function mergeEqualPaths(rows: readonly KeyRow[]): KeyRow[] {
  return [...Map.groupBy(rows, ({ path }) => path).values()].map((equal) => ({
    ...equal[0]!,
    type: [...new Set(equal.map(({ type }) => type))].join(' or '),
    about: [...new Set(equal.map(({ about }) => about))].join(' / '),
  }));
}

function aboutOf(schema: JsonSchema): string {
  return (
    schema.description ?? alternatives(schema).find(({ description }) => description !== undefined)?.description ?? ''
  );
}

function typeOf(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  const options = alternatives(schema);
  if (options.length > 1) return [...new Set(options.map(typeOf))].join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  return plainType(schema);
}

function plainType(schema: JsonSchema): string {
  if (typeof schema.type === 'object') return schema.type.map((type) => plainType({ ...schema, type })).join(' or ');
  switch (schema.type) {
    case 'array':
      return schema.items ? `list of ${typeOf(schema.items)}` : 'list';
    case 'object':
      return 'block';
    case 'string':
      return 'text';
    case 'boolean':
      return '`true`, `false`';
    case 'integer':
      return `whole number${range(schema)}`;
    case 'number':
      return `number${range(schema)}`;
    case 'null':
      return '`null`';
    default:
      return 'any value';
  }
}

function range({ minimum, maximum }: JsonSchema): string {
  const [least, most] = [minimum, maximum].map((bound) =>
    bound === undefined || Math.abs(bound) === Number.MAX_SAFE_INTEGER ? undefined : bound.toLocaleString('en-US'),
  );
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` from ${least}`;
  return most === undefined ? '' : ` to ${most}`;
}

const code = (value: unknown): string => `\`${String(value)}\``;

function formatDefault(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return code(value);
  const entries = Array.isArray(value)
    ? value.map(String)
    : Object.entries(value).map(([key, one]) => `${key}: ${one}`);
  if (entries.length === 0) return '';
  return code(Array.isArray(value) ? `[${entries.join(', ')}]` : `{ ${entries.join(', ')} }`);
}
