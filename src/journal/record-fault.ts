type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const isNumber: Check = (value) => typeof value === 'number';
const isText: Check = (value) => typeof value === 'string';
const isList: Check = Array.isArray;
const isListOrNone: Check = (value) => value === undefined || isList(value);

/** What analysis cannot do without; what is optional may be missing. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
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
  second: { startUs: isNumber, endUs: isNumber, attempts: isListOrNone, buckets: isListOrNone, calls: isListOrNone },
  end: { endUs: isNumber },
};

/** Why a line of a journal cannot be a record, or undefined where it can. */
export function recordFault(record: unknown, line: number): string | undefined {
  const fields = (typeof record === 'object' && record !== null ? record : {}) as Fields;
  const { type, startUs, headersUs, endUs } = fields as Partial<Record<string, number>>;
  const needed = Object.hasOwn(NEEDED, String(type)) ? NEEDED[String(type)] : undefined;
  if (!needed) return `is no record: it has the type ${JSON.stringify(fields.type) ?? 'undefined'}`;
  if ((line === 1) !== (fields.type === 'header')) return 'is a second header: two journals were joined';
  for (const name in needed) {
    if (!needed[name]!(fields[name])) return `has no ${name}, or one that cannot be`;
  }
  if (startUs === undefined || endUs === undefined) return undefined;
  if (endUs < startUs) return `ends before it starts, by ${startUs - endUs} µs: the clock was set back meanwhile`;
  if (headersUs !== undefined && (headersUs < startUs || headersUs > endUs))
    return 'has its head before its start or after its end: the clock was set back meanwhile';
  return undefined;
}
