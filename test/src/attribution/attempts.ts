import type { AttemptRecord } from '../../../src/journal/call-records.ts';

const MS_US = 1000;

/**
 * Parses the provider's attempt records from lines such as `0-20 429 ra=2 rc=0 body=a text=a key=k idem=i should=false`, in
 * milliseconds. `0-20 reset`, `0-20 aborted` and `0-20 open` have no reply.
 */
export function parseAttempts(text: string): AttemptRecord[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return lines.map((line, index) => {
    const [, from, to, result, rest = ''] = /^(\d+)-(\d+) (\w+)(.*)$/.exec(line) ?? [];
    if (from === undefined) throw new Error(`invalid attempt: ${line}`);
    const marks: Partial<Record<string, string>> = Object.fromEntries(
      rest
        .trim()
        .split(/\s+/)
        .map((mark) => mark.split('=')),
    );
    const status = Number(result);
    const hasReply = !Number.isNaN(status);
    return {
      type: 'attempt',
      id: index + 1,
      call: null,
      joinedBy: 'none',
      startUs: Number(from) * MS_US,
      ...(hasReply && { headersUs: Number(to) * MS_US }),
      endUs: Number(to) * MS_US,
      outcome: hasReply ? 'response' : (result as AttemptRecord['outcome']),
      endpoint: 'chat.completions',
      status: hasReply ? status : 0,
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
