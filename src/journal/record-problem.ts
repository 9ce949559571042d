type Fields = Readonly<Record<string, unknown>>;
type FieldCheck = (value: unknown) => boolean;

const isNumber: FieldCheck = (value) => typeof value === 'number';
const isText: FieldCheck = (value) => typeof value === 'string';
const isList: FieldCheck = Array.isArray;
const isOptionalList: FieldCheck = (value) => value === undefined || isList(value);

/** The fields that analysis requires. */
const REQUIRED_FIELDS: Readonly<Record<string, Readonly<Record<string, FieldCheck>>>> = {
  header: { seed: isNumber, time: isText, generated: (value) => typeof value === 'object' && value !== null },
  attempt: {
    id: isNumber,
    call: (value) => value === null || isNumber(value),
    startUs: isNumber,
    endUs: isNumber,
    outcome: isText,
    status: isNumber,
    limits: isList,
  },
  call: { id: isNumber, vu: isNumber, scheduledUs: isNumber, startUs: isNumber, endUs: isNumber, result: isText },
  dropped: { scheduledUs: isNumber },
  second: {
    startUs: isNumber,
    endUs: isNumber,
    attempts: isOptionalList,
    buckets: isOptionalList,
    calls: isOptionalList,
  },
  end: { endUs: isNumber },
};

/** Returns why a line of a journal is not a valid record, or undefined if it is. */
export function findRecordProblem(record: unknown, line: number): string | undefined {
  const fields = (typeof record === 'object' && record !== null ? record : {}) as Fields;
  const { type, startUs, headersUs, endUs } = fields as Partial<Record<string, number>>;
  const required = Object.hasOwn(REQUIRED_FIELDS, String(type)) ? REQUIRED_FIELDS[String(type)] : undefined;
  if (!required) return `has the unknown type ${JSON.stringify(fields.type) ?? 'undefined'}`;
  if ((line === 1) !== (fields.type === 'header')) return 'is a second header: two journals were joined';
  for (const name in required) {
    if (!required[name]!(fields[name])) return `has no valid ${name}`;
  }
  if (startUs === undefined || endUs === undefined) return undefined;
  if (endUs < startUs) return `ends ${startUs - endUs} µs before it starts: the clock was set back during the run`;
  if (headersUs !== undefined && (headersUs < startUs || headersUs > endUs))
    return 'has its reply head before its start or after its end: the clock was set back during the run';
  return undefined;
}
