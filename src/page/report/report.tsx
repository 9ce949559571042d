import { useMemo, useState } from 'preact/hooks';
import type { PageData } from '../../report/page/page-data.ts';
import { readCalls } from '../calls/call-data.ts';
import { Calls, type CallsRequest } from '../calls/calls.tsx';
import { ChartBoard } from '../components/chart-board.tsx';
import { CopyCommand } from '../components/copy-command.tsx';
import { DataTable } from '../components/data-table.tsx';
import { Findings } from '../components/findings.tsx';
import { useTheme } from '../components/theme.ts';
import { Head } from './head.tsx';

/** The whole report: the answer, then everything behind it. */
export function Report({ data }: { readonly data: PageData }) {
  const [theme, turnTheme] = useTheme();
  const [request, ask] = useState<CallsRequest>({});
  const calls = useMemo(() => (data.calls ? readCalls(data.calls) : undefined), [data]);
  const open = (next: CallsRequest): void => {
    ask({ ...next });
    document.getElementById('calls')?.scrollIntoView();
  };
  return (
    <>
      <a class="skip" href="#answer">
        Skip to the answer
      </a>
      <Head data={data} theme={theme} onTheme={turnTheme} />
      <main>
        <Answer
          data={data}
          {...(calls && { onCall: (call) => open({ call }), onFinding: (finding) => open({ finding }) })}
        />
        {data.charts.length > 0 && (
          <section id="charts" aria-labelledby="charts-title">
            <h2 id="charts-title">Charts</h2>
            <ChartBoard charts={data.charts} leftOut={data.leftOut} theme={theme} />
          </section>
        )}
        {calls && (
          <section id="calls" aria-labelledby="calls-title">
            <h2 id="calls-title">Calls</h2>
            <Calls calls={calls} findings={data.findings} request={request} />
          </section>
        )}
        {data.tables.length > 0 && (
          <section id="figures" aria-labelledby="figures-title">
            <h2 id="figures-title">{data.kind === 'run' ? 'Limits and figures' : 'Figures'}</h2>
            {data.tables.map((table) => (
              <DataTable key={table.title} table={table} />
            ))}
          </section>
        )}
        <Behind data={data} />
      </main>
      <footer>
        Made by {data.tool}. Everything is in this file; it sends no request. API keys were replaced by short hashes.
      </footer>
    </>
  );
}

interface AnswerProps {
  readonly data: PageData;
  readonly onCall?: (call: number) => void;
  readonly onFinding?: (name: string) => void;
}

function Answer({ data, onCall, onFinding }: AnswerProps) {
  return (
    <section id="answer" aria-labelledby="answer-title">
      <h2 id="answer-title">What happened</h2>
      {data.story.map((sentence) => (
        <p key={sentence} class="story">
          {sentence}
        </p>
      ))}
      {data.findings.length > 0 && (
        <>
          <h2>{data.kind === 'comparison' ? 'What changed' : 'What is wrong, and what to change'}</h2>
          <Findings findings={data.findings} onCall={onCall} onFinding={onFinding} />
        </>
      )}
    </section>
  );
}

/** What was run, and how to run it again. */
function Behind({ data }: { readonly data: PageData }) {
  return (
    <>
      {data.scenario && (
        <section id="scenario" aria-labelledby="scenario-title">
          <h2 id="scenario-title">Scenario</h2>
          <p class="quiet">Every setting with its default filled in.</p>
          <details>
            <summary>Show the settings</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keys */}
            <pre tabIndex={0}>{data.scenario}</pre>
          </details>
        </section>
      )}
      {data.again.length > 0 && (
        <section id="again" aria-labelledby="again-title">
          <h2 id="again-title">Run it again</h2>
          {data.again.map((command) => (
            <CopyCommand key={command.label} command={command} />
          ))}
        </section>
      )}
    </>
  );
}
