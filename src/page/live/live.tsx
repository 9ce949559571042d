import { useEffect, useState } from 'preact/hooks';
import { endingKind } from '../../analysis/run/attempts.ts';
import type { Attempt } from '../../analysis/run/run-view.ts';
import { ChartBoard } from '../components/chart-board.tsx';
import { Findings } from '../components/findings.tsx';
import { useTheme } from '../components/theme.ts';
import { Control } from './control.tsx';
import { type BucketLevel, type LiveView, liveView } from './live-view.ts';
import type { Stream, StreamState } from './stream.ts';
import { type Turn, turnsBetween } from './turns.ts';

/** The least time between two looks at the run. */
const LOOK_INTERVAL_MS = 1000;
/** Looking takes at most this share of the page's time. */
const LOOK_SHARE = 0.3;

interface LiveProps {
  readonly stream: Stream;
  readonly token: string;
}

/** A run as it goes. */
export function Live({ stream, token }: LiveProps) {
  const [theme, turnTheme] = useTheme();
  const { state, view, turns } = useView(stream);
  return (
    <>
      <nav aria-label="State">
        <span class={`dot ${DOTS[state.connection]}`} aria-hidden="true" />
        <b>{STATES[state.connection]}</b>
        <span class="grow" />
        <button type="button" onClick={turnTheme} aria-label={theme === 'dark' ? 'Light page' : 'Dark page'}>
          {theme === 'dark' ? '☀' : '☾'}
        </button>
      </nav>
      <header>
        <h1>{view?.name ?? state.header?.scenario.name ?? 'Waiting for the run'}</h1>
        <p class="quiet" data-live="counts">
          {view ? countsText(view) : 'No request yet.'}
        </p>
        {state.skipped > 0 && <p class="quiet">{state.skipped.toLocaleString('en-US')} older records are not shown.</p>}
      </header>
      <main>
        {view && (
          <>
            <Buckets buckets={view.buckets} />
            <section aria-labelledby="charts-title">
              <h2 id="charts-title">Charts</h2>
              <ChartBoard charts={view.charts} leftOut={view.leftOut} theme={theme} />
            </section>
            <section aria-labelledby="verdicts-title">
              <h2 id="verdicts-title">Verdicts so far</h2>
              <Turns turns={turns} />
              {state.counted ? <p class="quiet">{COUNTED}</p> : <Findings findings={view.findings} />}
            </section>
            <Recent attempts={view.recent} />
          </>
        )}
        {state.hasControl && state.connection === 'open' && <Control token={token} header={state.header} />}
      </main>
    </>
  );
}

const STATES = {
  waiting: 'Connecting…',
  open: 'Live',
  lost: 'The connection is lost; it is tried again.',
  over: 'The run is over; this page keeps what it has.',
} as const;
const DOTS = { waiting: 'incomplete', open: 'passed', lost: 'failed', over: 'incomplete' } as const;

const COUNTED =
  'More than 1,000 requests a second: they are counted here, which costs the provider less, and not judged one by one.';

/** Looks at the stream again and again, less often when that takes long. */
function useView(stream: Stream) {
  const [shown, show] = useState<{ state: StreamState; view: LiveView | undefined; turns: readonly Turn[] }>({
    state: stream.read(),
    view: undefined,
    turns: [],
  });
  useEffect(() => {
    let timer = 0;
    let seen: StreamState | undefined;
    const look = (): void => {
      const startMs = performance.now();
      const state = stream.read();
      if (state !== seen) {
        const isSameRun = seen?.header === state.header;
        seen = state;
        const view = liveView(state);
        show((before) => ({
          state,
          view: view ?? (isSameRun ? before.view : undefined),
          turns: isSameRun && view ? [...turnsBetween(before.view, view), ...before.turns].slice(0, 10) : [],
        }));
      }
      const tookMs = performance.now() - startMs;
      timer = window.setTimeout(look, Math.max(LOOK_INTERVAL_MS, tookMs / LOOK_SHARE));
    };
    look();
    return () => clearTimeout(timer);
  }, [stream]);
  return shown;
}

function countsText({ elapsedUs, calls, failed, attempts, refused }: LiveView): string {
  const number = (count: number): string => count.toLocaleString('en-US');
  const parts = [
    `${number(Math.round(elapsedUs / 1e6))} s`,
    ...(calls > 0 ? [`${number(calls)} calls, ${number(failed)} failed`] : []),
    `${number(attempts)} requests, ${number(refused)} refused`,
  ];
  return parts.join(' · ');
}

function Buckets({ buckets }: { readonly buckets: readonly BucketLevel[] }) {
  if (buckets.length === 0) return null;
  return (
    <section aria-labelledby="buckets-title">
      <h2 id="buckets-title">Buckets, after the last request</h2>
      <ul class="buckets">
        {buckets.map(({ name, about, left, most }) => (
          <li key={name}>
            <span>{about}</span>
            <meter min={0} max={most} value={Math.max(0, left)} aria-label={`${about}: ${left} left`} />
            <b>{left.toLocaleString('en-US')} left</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Verdicts that have changed, so that nobody has to compare. */
function Turns({ turns }: { readonly turns: readonly Turn[] }) {
  if (turns.length === 0) return null;
  return (
    <ol class="turns" aria-live="polite">
      {turns.map(({ atS, name, outcome }) => (
        <li key={`${atS} ${name}`}>
          {atS} s: <code>{name}</code> {outcome}
        </li>
      ))}
    </ol>
  );
}

function Recent({ attempts }: { readonly attempts: readonly Attempt[] }) {
  return (
    <section aria-labelledby="recent-title">
      <h2 id="recent-title">Recent attempts</h2>
      <table class="recent">
        <thead>
          <tr>
            {['time', 'status', 'how it ended', 'refused by', 'told to wait', 'took', 'model'].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={attempt.id}>
              <td>{(attempt.startUs / 1e6).toFixed(2)} s</td>
              <td>{attempt.status || '–'}</td>
              <td>{endingKind(attempt)}</td>
              <td>{attempt.deniedBy ?? ''}</td>
              <td>{attempt.retryAfterUs === undefined ? '' : `${attempt.retryAfterUs / 1e6} s`}</td>
              <td>{Math.round((attempt.endUs - attempt.startUs) / 1000).toLocaleString('en-US')} ms</td>
              <td>{attempt.model ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
