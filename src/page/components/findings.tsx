import type { PageEvidence, PageFinding } from '../../report/page/page-data.ts';

const MARKS = { failed: '✗', warned: '!', undecided: '?', passed: '✓', 'not-applicable': '–' } as const;
const WORDS = {
  failed: 'failed',
  warned: 'warning',
  undecided: 'undecided',
  passed: 'passed',
  'not-applicable': 'not applicable',
} as const;

/** Proofs shown before one asks for the others. */
const PROOFS_SHOWN = 3;

interface FindingsProps {
  readonly findings: readonly PageFinding[];
  /** Opens the call of a proof; absent where there are no calls to open. */
  readonly onCall?: ((call: number) => void) | undefined;
  /** Shows all calls that prove a finding. */
  readonly onFinding?: ((name: string) => void) | undefined;
}

/** What is wrong, with proof and what to change; then what was not decided; then what passed, folded. */
export function Findings({ findings, onCall, onFinding }: FindingsProps) {
  const wrong = findings.filter(({ failsRun, outcome }) => failsRun || outcome === 'failed' || outcome === 'warned');
  const sorted = wrong.toSorted((a, b) => Number(b.failsRun) - Number(a.failsRun));
  const others = findings.filter((finding) => !wrong.includes(finding));
  return (
    <>
      {sorted.map((finding) => (
        <Finding key={finding.name} {...{ finding, onCall, onFinding }} />
      ))}
      {sorted.length === 0 && <p class="good">Nothing is wrong.</p>}
      <Folded title="not decided" outcome="undecided" findings={others} />
      <Folded title="passed" outcome="passed" findings={others} />
      <Folded title="not applicable: their situation did not arise" outcome="not-applicable" findings={others} />
    </>
  );
}

function Finding({ finding, onCall, onFinding }: Omit<FindingsProps, 'findings'> & { readonly finding: PageFinding }) {
  const { name, outcome, failsRun, question, message, evidence, advice, notes } = finding;
  const tone = failsRun ? 'bad' : 'doubt';
  const hasCalls = evidence.some(({ call }) => call !== undefined);
  return (
    <article class={`finding ${tone}`}>
      <h3>
        <span class="mark" aria-hidden="true">
          {MARKS[failsRun ? 'failed' : outcome]}
        </span>
        <code>{name}</code>
        <span class="tag">{failsRun ? WORDS.failed : `${WORDS[outcome]}, does not fail the run`}</span>
      </h3>
      {question && <p class="quiet">{question}</p>}
      <p>{message}</p>
      {notes.map((note) => (
        <p key={note} class="quiet">
          {note}
        </p>
      ))}
      {evidence.length > 0 && <Proofs evidence={evidence} onCall={onCall} />}
      {advice && (
        <p class="advice">
          <b>Change:</b> {advice}
        </p>
      )}
      {hasCalls && onFinding && (
        <button type="button" class="link" onClick={() => onFinding(name)}>
          Show these calls in the table
        </button>
      )}
    </article>
  );
}

function Proofs({
  evidence,
  onCall,
}: {
  readonly evidence: readonly PageEvidence[];
  readonly onCall: FindingsProps['onCall'];
}) {
  const rest = evidence.slice(PROOFS_SHOWN);
  const list = (shown: readonly PageEvidence[]) => (
    <ul class="proofs">
      {shown.map((one) => (
        <li key={one.text}>
          <Proof evidence={one} onCall={onCall} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {list(evidence.slice(0, PROOFS_SHOWN))}
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          {list(rest)}
        </details>
      )}
    </>
  );
}

function Proof({
  evidence: { text, call },
  onCall,
}: {
  readonly evidence: PageEvidence;
  readonly onCall: FindingsProps['onCall'];
}) {
  if (call === undefined || !onCall) return <>{text}</>;
  return (
    <button type="button" class="link" onClick={() => onCall(call)}>
      {text}
    </button>
  );
}

interface FoldedProps {
  readonly title: string;
  readonly outcome: PageFinding['outcome'];
  readonly findings: readonly PageFinding[];
}

/** Findings of one outcome in one line; their words on demand. */
function Folded({ title, outcome, findings }: FoldedProps) {
  const own = findings.filter((finding) => finding.outcome === outcome);
  if (own.length === 0) return null;
  return (
    <details class="folded">
      <summary>
        <span aria-hidden="true">{MARKS[outcome]} </span>
        {own.length} {title}
      </summary>
      <dl>
        {own.map(({ name, message }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{message}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
