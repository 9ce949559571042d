import { formatUs } from '../components/duration.ts';
import type { AttemptView, CallView } from './call-data.ts';

/** A told wait may be much longer than the call; this much beyond its end is drawn. */
const DRAWN_BEYOND_END = 1.2;

/** One call from its scheduled start: each attempt, the wait that was requested, the wait that was, and when it could have passed. */
export function Waterfall({ call }: { readonly call: CallView }) {
  const { id, result, attempts, error, scheduledUs, tookUs, load, vu } = call;
  const endUs = drawnUntil(call);
  const share = (us: number): string => `${Math.min(100, Math.max(0, (100 * us) / endUs))}%`;
  const outcome = { ok: 'succeeded', error: 'failed', open: 'had not ended' }[result];
  return (
    <section class="waterfall" aria-labelledby="call-title">
      <h3 id="call-title" tabIndex={-1}>
        Call #{id} {outcome} after {formatUs(tookUs)}, {attempts.length} {attempts.length === 1 ? 'try' : 'tries'}
      </h3>
      <p class="quiet">
        due at {formatUs(scheduledUs)} · VU {vu}
        {load && ` · ${load}`}
        {firstOf(attempts, 'model')}
        {firstOf(attempts, 'key')}
      </p>
      {error && <p class="error-text">{error}</p>}
      <div class="axis" aria-hidden="true">
        {ticksOf(endUs).map((us) => (
          <span key={us} style={{ left: share(us) }}>
            {formatUs(us)}
          </span>
        ))}
      </div>
      <ol class="tries">
        {attempts.map((attempt, index) => (
          <li key={index}>
            <Track {...{ attempt, share, endUs }} next={attempts[index + 1]} />
            <p>{sentenceOf(attempt, index, attempts[index + 1], tookUs)}</p>
          </li>
        ))}
      </ol>
      {attempts.length === 0 && <p>No request of this call reached the provider.</p>}
      <ul class="legend key" aria-hidden="true">
        <li>
          <i class="bar answered" /> answered
        </li>
        <li>
          <i class="bar refused" /> refused
        </li>
        <li>
          <i class="bar broken" /> failed otherwise
        </li>
        <li>
          <i class="told" /> told to wait
        </li>
        <li>
          <i class="waited" /> waited
        </li>
        <li>
          <i class="could" /> could have passed
        </li>
      </ul>
    </section>
  );
}

interface TrackProps {
  readonly attempt: AttemptView;
  readonly next: AttemptView | undefined;
  readonly endUs: number;
  readonly share: (us: number) => string;
}

function Track({ attempt, next, endUs, share }: TrackProps) {
  const { startUs, retryAfterUs, admissibleUs, ending } = attempt;
  const knownUs = knownAt(attempt);
  const width = (us: number): string => `${Math.max(0, (100 * Math.min(us, endUs)) / endUs)}%`;
  return (
    <div class="track" aria-hidden="true">
      {retryAfterUs !== undefined && (
        <i class="told" style={{ left: share(knownUs), width: width(Math.min(retryAfterUs, endUs - knownUs)) }} />
      )}
      {next && next.startUs > knownUs && (
        <i class="waited" style={{ left: share(knownUs), width: width(next.startUs - knownUs) }} />
      )}
      <i class={`bar ${toneOf(ending)}`} style={{ left: share(startUs), width: width(attempt.endUs - startUs) }} />
      {admissibleUs !== undefined && admissibleUs > 0 && startUs + admissibleUs <= endUs && (
        <i class="could" style={{ left: share(startUs + admissibleUs) }} />
      )}
    </div>
  );
}

/** When the client knew how the attempt had ended: at the head of a refusal, else at the end. */
function knownAt({ headUs, endUs, ending }: AttemptView): number {
  return ending === 'answered' || ending === 'broken' ? endUs : (headUs ?? endUs);
}

function toneOf(ending: string): string {
  if (ending === 'answered') return 'answered';
  return ending === 'refused' || ending === 'spent' ? 'refused' : ending === 'open' ? 'open' : 'broken';
}

function sentenceOf(attempt: AttemptView, index: number, next: AttemptView | undefined, tookUs: number): string {
  const { startUs, endUs, status, ending, reason, retryAfterUs, admissibleUs } = attempt;
  const isWaiting = retryAfterUs !== undefined || next !== undefined;
  const waitedUs = next && next.startUs - knownAt(attempt);
  const what = status > 0 ? `${status}, ${ending}` : ending;
  const parts = [
    `Try ${index + 1} at ${formatUs(startUs)}: ${what}${reason ? ` (${reason})` : ''} after ${formatUs(endUs - startUs)}`,
    ...(retryAfterUs === undefined ? [] : [`told to wait ${formatUs(retryAfterUs)}`]),
    ...(isWaiting && admissibleUs !== undefined && admissibleUs > 0
      ? [`could have passed ${formatUs(admissibleUs)} after it was received`]
      : []),
    ...(waitedUs === undefined
      ? retryAfterUs === undefined
        ? []
        : [`the call ended ${formatUs(Math.max(0, tookUs - knownAt(attempt)))} later`]
      : [waitedUs < 0 ? 'did not wait for its end' : `waited ${formatUs(waitedUs)}${judged(waitedUs, retryAfterUs)}`]),
  ];
  return `${parts.join('; ')}.`;
}

/** Less than a hundredth, or a millisecond, is the clock's. */
function judged(waitedUs: number, retryAfterUs: number | undefined): string {
  if (retryAfterUs === undefined) return '';
  const slackUs = Math.max(1000, retryAfterUs / 100);
  if (waitedUs < retryAfterUs - slackUs) return `, ${formatUs(retryAfterUs - waitedUs)} too short`;
  return waitedUs > retryAfterUs + slackUs ? `, ${formatUs(waitedUs - retryAfterUs)} longer` : ', as told';
}

function firstOf(attempts: readonly AttemptView[], name: 'model' | 'key'): string {
  const values = [...new Set(attempts.map((attempt) => attempt[name]).filter(Boolean))];
  return values.length === 0 ? '' : ` · ${name === 'key' ? 'key ' : ''}${values.join(', ')}`;
}

function drawnUntil({ tookUs, attempts }: CallView): number {
  const ends = attempts.map(({ startUs, endUs, headUs = startUs, retryAfterUs = 0, admissibleUs = 0 }) =>
    Math.max(endUs, headUs + retryAfterUs, startUs + admissibleUs),
  );
  const lastUs = Math.max(tookUs, 1, ...attempts.map(({ endUs }) => endUs));
  return Math.min(Math.max(lastUs, ...ends), lastUs * DRAWN_BEYOND_END);
}

/** Round instants, about five of them. */
function ticksOf(endUs: number): number[] {
  const rough = endUs / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  return Array.from({ length: Math.floor(endUs / step) + 1 }, (_, index) => index * step);
}
