import type { Limit } from '../../../mock-server/admission/limit.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import type { HeaderRecord, JournalRecord } from '../../../src/journal/record.ts';
import { BARE } from '../../../src/retry/preset.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { settings } from '../../mock-server/openai-provider.ts';

/** A token bucket of `burst` requests that refills at `perSecond`. */
export function requestLimit(perSecond: number, burst: number, rest: Partial<Limit> = {}): Limit {
  const spec = {
    algorithm: 'token-bucket',
    capacity: burst,
    refill: { amount: perSecond, periodUs: 1_000_000 },
  } as const;
  return {
    name: 'requests',
    scope: ['organization'],
    unit: 'requests',
    spec,
    chargeRejected: 'none',
    settle: 'none',
    ...rest,
  };
}

export function header(limits: readonly Limit[] = [requestLimit(5, 5)], rest: Partial<Scenario> = {}): HeaderRecord {
  const scenario: Scenario = {
    name: 'strip',
    seed: 1,
    time: 'wall',
    startUs: 1_767_225_600_000_000,
    provider: settings({ limits }),
    client: {
      code: { kind: 'module', module: '/work/strip/client.ts' },
      written: './client.ts',
      env: {},
      model: BARE,
      assumed: true,
    },
    call: { model: 'gpt-4o-mini', stream: false },
    load: [],
    thresholds: [],
    verdicts: {},
    ...rest,
  };
  const generated = { at: '2026-01-01T00:00:00.000Z', startedUs: 1_767_225_600_000_000, node: 'v24' };
  return { type: 'header', version: 1, tool: 'quotalab test', seed: 1, time: 'wall', scenario, generated };
}

/** A header with providers by name, each with its limits (named `primary/requests`, say) and what is wrong with it when. */
export function headerWith(
  providers: Readonly<
    Record<string, { readonly perSecond?: number; readonly burst?: number; readonly outMs?: readonly [number, number] }>
  >,
): HeaderRecord {
  const [first, ...others] = Object.entries(providers).map(([name, { perSecond, burst = 1, outMs }]) => ({
    name,
    settings: settings({
      limits: perSecond === undefined ? [] : [requestLimit(perSecond, burst, { name: `${name}/requests` })],
      ...(outMs && {
        faults: [{ fromUs: outMs[0] * 1000, untilUs: outMs[1] * 1000, does: { kind: 'status' as const, status: 503 } }],
      }),
    }),
  }));
  const rest = {
    provider: first!.settings,
    providerName: first!.name,
    otherProviders: others,
    time: 'virtual' as const,
  };
  return { ...header([], rest), time: 'virtual' };
}

/**
 * Parses calls and attempts from lines in `backoff.md`'s notation, times in milliseconds. `a.1 0-20 429 ra=2000` is call a's
 * first attempt: start and end, status, marks. In place of a status: `reset`, `timeout` (the client timed out), `cut` (the
 * client disconnected during a 200), `open`. Marks: `ra` retry-after-ms, `raw` the text of a
 * Retry-After with that meaning (`source` if it stood elsewhere), `reset` and `resetMs` of a limit, `admitAt` the time at which the
 * request would be admitted, `code` and `type` of the error, `rc` the SDK's retry count, `key` the idempotency key, `body`,
 * `should` x-should-retry, `chars` sent of a broken stream, `stream`, the `defect` of a body, `answer` characters and `tokens` of the reply, `skew` of the date, `model`, `limits=none` for a reply that no limit decided,
 * `fault` of the provider, `before` the limit level before the attempt, `cost`, `ep` the endpoint, `on` the provider of several. `=> a error` sets a call's result if it differs from
 * its last status, `=> a open` leaves it open; marks: `output=520` the output size, `fallback`, `vu=3`, `until=60000` the end, `job=x`.
 */
export function strip(text: string): (CallRecord | AttemptRecord)[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const endings = new Map(
    lines.flatMap((line) => {
      const [, name, result, rest] = /^=> (\w+)(?: (ok|error|open))?(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, { result, marks: marksIn(rest) }] as const];
    }),
  );
  const attempts = lines.filter((line) => !line.startsWith('=>')).map(attemptOf);
  const names = [...new Set([...attempts.map(({ name }) => name), ...endings.keys()])];
  const ids = new Map(names.map((name, index) => [name, index + 1]));
  const records = attempts.map(
    ({ name, ...attempt }, index): AttemptRecord => ({ ...attempt, id: index + 1, call: ids.get(name)! }),
  );
  const calls = names.map((name): CallRecord => {
    const own = records.filter(({ call }) => call === ids.get(name));
    const { result, marks = {} } = endings.get(name) ?? {};
    const startUs = marks.at === undefined ? (own[0]?.startUs ?? 0) : Number(marks.at) * 1000;
    return {
      type: 'call',
      id: ids.get(name)!,
      vu: Number(marks.vu ?? ids.get(name)!),
      iteration: 0,
      scheduledUs: startUs,
      startUs,
      endUs: marks.until === undefined ? (own.at(-1)?.endUs ?? 0) : Number(marks.until) * 1000,
      result: (result ?? (own.at(-1)?.status === 200 ? 'ok' : 'error')) as CallRecord['result'],
      ...(marks.output !== undefined && { outputSize: Number(marks.output) }),
      ...(marks.fallback !== undefined && { fallback: true as const }),
      ...(marks.job !== undefined && { job: marks.job }),
    };
  });
  return [...calls, ...records];
}

function marksIn(text = ''): Record<string, string> {
  const marks = text.trim().split(/\s+/).filter(Boolean);
  return Object.fromEntries(marks.map((mark) => [mark.split('=')[0]!, mark.split('=').slice(1).join('=')]));
}

const OUTCOMES: Readonly<Record<string, AttemptRecord['outcome']>> = {
  reset: 'reset',
  timeout: 'aborted',
  cut: 'aborted',
  open: 'open',
};

function attemptOf(line: string): Omit<AttemptRecord, 'id' | 'call'> & { name: string } {
  const [, name, from, to, ending, rest] = /^(\w+)\.\d+ (\d+)-(\d+) (\w+)(.*)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`not an attempt: ${line}`);
  const marks = marksIn(rest);
  const numberOf = (mark: string): number | undefined => (marks[mark] === undefined ? undefined : Number(marks[mark]));
  const outcome = OUTCOMES[ending!] ?? 'response';
  const status = ending === 'cut' ? 200 : outcome === 'response' ? Number(ending) : 0;
  const admit = status === 200;
  const before = Number(marks.before ?? (admit ? 1 : 0));
  const cost = Number(marks.cost ?? 1);
  const startUs = Number(from) * 1000;
  const silent = outcome === 'response' || ending === 'cut' ? {} : { headersUs: undefined };
  const raw = marks.raw?.replaceAll('_', ' ');
  const limitName = marks.on === undefined ? 'requests' : `${marks.on}/requests`;
  const optional = {
    retryAfterRaw: raw ?? marks.ra,
    retryAfterSource: marks.source ?? (raw === undefined && marks.ra !== undefined ? 'retry-after-ms' : undefined),
    resetRaw: marks.reset,
    resetUs: marks.resetMs === undefined ? undefined : Number(marks.resetMs) * 1000,
    retryAfterUs: marks.ra === undefined ? undefined : Number(marks.ra) * 1000,
    admitAfterUs: marks.admitAt === undefined ? undefined : Number(marks.admitAt) * 1000 - startUs,
    errorCode: marks.code,
    errorType: marks.type,
    retryCount: numberOf('rc'),
    idempotencyKey: marks.key,
    job: marks.job,
    fault: marks.fault,
    sentChars: numberOf('chars'),
    defect: marks.defect,
    answerChars: numberOf('answer'),
    completionTokens: numberOf('tokens'),
    dateSkewUs: marks.skew === undefined ? undefined : Number(marks.skew) * 1000,
    shouldRetry: marks.should === undefined ? undefined : marks.should === 'true',
    model: marks.model,
    provider: marks.on,
    deniedBy:
      admit || marks.limits === 'none' || outcome !== 'response' || ![429, 503].includes(status)
        ? undefined
        : limitName,
    headersUs: ending === 'cut' ? startUs + 1000 : Number(to) * 1000,
    ...silent,
  };
  return {
    name,
    type: 'attempt',
    joinedBy: 'tag',
    startUs,
    endUs: Number(to) * 1000,
    outcome,
    endpoint: marks.ep ?? 'chat.completions',
    status,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    limits:
      marks.limits === 'none'
        ? []
        : [
            {
              limit: limitName,
              bucket: limitName,
              unit: 'requests',
              cost,
              admit,
              before,
              after: before - (admit ? cost : 0),
            },
          ],
    bodyHash: marks.body ?? name,
    bodyBytes: 10,
    stream: marks.chars !== undefined || marks.stream !== undefined,
  };
}

/** Creates a run of these records that ends at `endMs`, by default 1 s after the last record. */
export function runOf(records: readonly JournalRecord[], options: { head?: HeaderRecord; endMs?: number } = {}): Run {
  const lastUs = Math.max(0, ...records.map((record) => ('endUs' in record ? record.endUs : 0)));
  const endUs = options.endMs === undefined ? lastUs + 1_000_000 : options.endMs * 1000;
  return readRun([options.head ?? header(), ...records, { type: 'end', endUs }]);
}

/** Repeats a timeline `times` times, each copy `everyMs` later and with its own calls and attempts. */
export function repeated(text: string, times: number, everyMs: number): (CallRecord | AttemptRecord)[] {
  const once = strip(text);
  const calls = once.filter(({ type }) => type === 'call').length;
  const attempts = once.length - calls;
  return Array.from({ length: times }, (_, copy) =>
    once.map((record) => {
      const shiftUs = copy * everyMs * 1000;
      const moved = { ...record, startUs: record.startUs + shiftUs, endUs: record.endUs + shiftUs };
      if (moved.type === 'call')
        return { ...moved, id: moved.id + copy * calls, scheduledUs: moved.scheduledUs + shiftUs };
      return {
        ...moved,
        id: moved.id + copy * attempts,
        call: moved.call! + copy * calls,
        ...(moved.headersUs !== undefined && { headersUs: moved.headersUs + shiftUs }),
      };
    }),
  ).flat();
}
