import type { Limit } from '../../../mock-server/admission/limit.ts';
import { type Run, readRun } from '../../../src/analysis/run-view.ts';
import type { AttemptRecord, CallRecord, HeaderRecord, JournalRecord } from '../../../src/journal/record.ts';
import { BARE } from '../../../src/retry/preset.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { settings } from '../../mock-server/openai-provider.ts';

/** A bucket of `burst` requests that refills at `perSecond`. */
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
    client: { module: '/work/strip/client.ts', written: './client.ts', env: {}, model: BARE, assumed: true },
    call: { model: 'gpt-4o-mini', stream: false },
    load: [],
    thresholds: [],
    verdicts: {},
    ...rest,
  };
  const generated = { at: '2026-01-01T00:00:00.000Z', startedUs: 1_767_225_600_000_000, node: 'v24' };
  return { type: 'header', version: 1, tool: 'quotalab test', seed: 1, time: 'wall', scenario, generated };
}

/**
 * Records from lines of `backoff.md`'s notation, in milliseconds: `a.1 0-20 429 ra=2000` is call a's first attempt, its
 * start and end, its status and what it was told (`before=` is the level it met). `=> a error` gives a call's result
 * where the last status does not; `=> a open`, that it had not ended.
 */
export function strip(text: string): (CallRecord | AttemptRecord)[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const results = new Map(
    lines.flatMap((line) =>
      (/^=> (\w+) (ok|error|open)/.exec(line) ?? []).slice(1, 3).length === 2 ? [[RegExp.$1, RegExp.$2] as const] : [],
    ),
  );
  const attempts = lines.filter((line) => !line.startsWith('=>')).map(attemptOf);
  const names = [...new Set(attempts.map(({ name }) => name))];
  const ids = new Map(names.map((name, index) => [name, index + 1]));
  const records = attempts.map(
    ({ name, ...attempt }, index): AttemptRecord => ({ ...attempt, id: index + 1, call: ids.get(name)! }),
  );
  const calls = names.map((name): CallRecord => {
    const own = records.filter(({ call }) => call === ids.get(name));
    const last = own.at(-1)!;
    const result = (results.get(name) ?? (last.status === 200 ? 'ok' : 'error')) as CallRecord['result'];
    const startUs = own[0]!.startUs;
    return {
      type: 'call',
      id: ids.get(name)!,
      vu: ids.get(name)!,
      iteration: 0,
      scheduledUs: startUs,
      startUs,
      endUs: last.endUs,
      result,
    };
  });
  return [...calls, ...records];
}

function attemptOf(line: string): Omit<AttemptRecord, 'id' | 'call'> & { name: string } {
  const [, name, from, to, statusText, rest] = /^(\w+)\.\d+ (\d+)-(\d+) (\d+)(.*)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no attempt: ${line}`);
  const marks = Object.fromEntries(
    (rest ?? '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map((mark) => mark.split('=') as [string, string]),
  );
  const status = Number(statusText);
  const admit = status === 200;
  const before = Number(marks.before ?? (admit ? 1 : 0));
  return {
    name,
    type: 'attempt',
    joinedBy: 'tag',
    startUs: Number(from) * 1000,
    headersUs: Number(to) * 1000,
    endUs: Number(to) * 1000,
    outcome: 'response',
    endpoint: 'chat.completions',
    status,
    ...(marks.ra !== undefined && { retryAfterRaw: marks.ra, retryAfterUs: Number(marks.ra) * 1000 }),
    limits: [
      {
        limit: 'requests',
        bucket: 'requests',
        unit: 'requests',
        cost: 1,
        admit,
        before,
        after: before - (admit ? 1 : 0),
      },
    ],
    ...(!admit && { deniedBy: 'requests' }),
    bodyHash: name,
    bodyBytes: 10,
    stream: false,
  };
}

/** A run of these records, ended 1 s after the last unless `endMs` says when. */
export function runOf(records: readonly JournalRecord[], options: { head?: HeaderRecord; endMs?: number } = {}): Run {
  const lastUs = Math.max(0, ...records.map((record) => ('endUs' in record ? record.endUs : 0)));
  const endUs = options.endMs === undefined ? lastUs + 1_000_000 : options.endMs * 1000;
  return readRun([options.head ?? header(), ...records, { type: 'end', endUs }]);
}

/** Several copies of a strip, each `everyMs` later and with calls and attempts of its own. */
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
        headersUs: moved.headersUs! + shiftUs,
      };
    }),
  ).flat();
}
