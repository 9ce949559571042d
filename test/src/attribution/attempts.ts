import type { AttemptRecord } from '../../../src/journal/record.ts';

const MS_US = 1000;

/**
 * Attempts as a provider saw them, from a film strip in milliseconds: `0-20 429 ra=2 rc=0 body=a text=a key=k idem=i
 * should=false`; `0-20 reset`, `0-20 aborted` and `0-20 open` had no answer.
 */
export function attemptsOf(text: string): AttemptRecord[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return lines.map((line, index) => {
    const [, from, to, how, rest = ''] = /^(\d+)-(\d+) (\w+)(.*)$/.exec(line) ?? [];
    if (from === undefined) throw new Error(`no attempt: ${line}`);
    const marks: Partial<Record<string, string>> = Object.fromEntries(
      rest
        .trim()
        .split(/\s+/)
        .map((mark) => mark.split('=')),
    );
    const status = Number(how);
    const answered = !Number.isNaN(status);
    return {
      type: 'attempt',
      id: index + 1,
      call: null,
      joinedBy: 'none',
      startUs: Number(from) * MS_US,
      ...(answered && { headersUs: Number(to) * MS_US }),
      endUs: Number(to) * MS_US,
      outcome: answered ? 'response' : (how as AttemptRecord['outcome']),
      endpoint: 'chat.completions',
      status: answered ? status : 0,
      key: marks.key ?? 'k1',
      limits: [],
      bodyHash: marks.body ?? 'same',
      bodyBytes: 100,
      textHash: marks.text ?? marks.body ?? 'same',
      stream: false,
      ...(marks.tag !== undefined && { callTag: marks.tag }),
      ...(marks.idem !== undefined && { idempotencyKey: marks.idem }),
      ...(marks.rc !== undefined && { retryCount: Number(marks.rc) }),
      ...(marks.ra !== undefined && { retryAfterRaw: marks.ra, retryAfterUs: Number(marks.ra) * 1_000_000 }),
      ...(marks.should !== undefined && { shouldRetry: marks.should === 'true' }),
    };
  });
}
