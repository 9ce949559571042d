import { useState } from 'preact/hooks';
import { allLimits } from '../../analysis/run/scenario-parts.ts';
import type { HeaderRecord } from '../../journal/record.ts';
import { describeLimit } from '../../report/describe-limit.ts';

interface ControlProps {
  readonly token: string;
  readonly header: HeaderRecord | undefined;
}

const STATUSES = [429, 500, 503, 529] as const;
const SECONDS = [5, 30, 120] as const;

/** Limits and faults by hand. A changed limit starts the charts anew. */
export function Control({ token, header }: ControlProps) {
  const [limits, write] = useState('');
  const [answer, say] = useState<{ readonly text: string; readonly isError: boolean }>({ text: '', isError: false });
  const put = async (path: string, body: unknown, done: string): Promise<void> => {
    const response = await fetch(`/${path}?token=${encodeURIComponent(token)}`, {
      method: 'PUT',
      body: JSON.stringify(body),
    });
    say(response.ok ? { text: done, isError: false } : { text: await response.text(), isError: true });
  };
  const setLimits = (event: Event): void => {
    event.preventDefault();
    const lines = limits.split('\n').flatMap((line) => line.trim() || []);
    void put('limits', { limits: lines }, lines.length === 0 ? 'Nothing is limited now.' : 'The limits are changed.');
  };
  const fail = (status: number, seconds: number) => (): void =>
    void put(
      'faults',
      { faults: [{ at: '0s', for: `${seconds}s`, status }] },
      `Every request gets ${status} for ${seconds} s.`,
    );
  return (
    <section aria-labelledby="control-title" class="control">
      <h2 id="control-title">Limits and faults by hand</h2>
      <p class="quiet">
        Now: {(header ? allLimits(header) : []).map(describeLimit).join('; ') || 'no limits'}. A change starts the
        charts anew.
      </p>
      <form onSubmit={setLimits}>
        <label for="limits">Limits, one a line</label>
        <textarea
          id="limits"
          rows={3}
          placeholder="requests 5/s burst 5&#10;tokens 90k/min per key"
          value={limits}
          onInput={(event) => write(event.currentTarget.value)}
        />
        <div>
          <button type="submit">Set these limits</button>
          <button type="button" onClick={() => put('reset', null, 'All buckets are full again.')}>
            Fill all buckets
          </button>
        </div>
      </form>
      <table>
        <tbody>
          {STATUSES.map((status) => (
            <tr key={status}>
              <th scope="row">Answer {status} for</th>
              <td>
                {SECONDS.map((seconds) => (
                  <button key={seconds} type="button" onClick={fail(status, seconds)}>
                    {seconds} s
                  </button>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" onClick={() => put('faults', { faults: [] }, 'No more faults.')}>
        End all faults
      </button>
      <p role="status" class={answer.isError ? 'bad' : 'good'}>
        {answer.text}
      </p>
    </section>
  );
}
