import type { MissingFact } from '../../journal/record.ts';
import { oncePerRun } from '../run/once-per-run.ts';
import type { Run } from '../run/run-view.ts';
import type { Decision } from './define-judge.ts';

/**
 * When a fact must be known. `always`: without it the situation cannot be seen at all; `to-decide`: what was seen may be
 * wrong either way; `to-pass`: it can only be worse than it looks; `to-fail`: it may be better.
 */
type When = 'always' | 'to-decide' | 'to-pass' | 'to-fail';

type Needs = Readonly<Partial<Record<MissingFact, When>>>;

const WAITS: Needs = { durations: 'to-decide', 'fine-clock': 'to-decide', 'inner-attempts': 'to-decide' };

/** What each verdict needs that a recording or a gateway may not tell; nothing of what other runs write is missing. */
export const NEEDS: Readonly<Record<string, Needs>> = {
  // Without the end of an answer, waits look longer than they were: one that is too short all the same is.
  'ignores-retry-after': { durations: 'to-pass', 'inner-attempts': 'to-pass' },
  'amplifies-load': { 'inner-attempts': 'to-pass' },
  // How many the quota could take is not known; if few came together it does not matter.
  'synchronised-herd': { limits: 'to-fail', 'fine-clock': 'to-decide', 'inner-attempts': 'to-decide' },
  'gives-up-early': { limits: 'always' },
  'retries-non-retryable': { bodies: 'to-decide', 'inner-attempts': 'to-decide' },
  'retries-impossible-request': { limits: 'always' },
  'swallows-rejection': { caller: 'always' },
  'replays-partial-stream': { caller: 'always' },
  'unbounded-retries': { 'inner-attempts': 'to-pass' },
  'no-deadline': { durations: 'to-pass' },
  'retries-too-early': { limits: 'always' },
  'over-waits': { limits: 'always' },
  'misreads-retry-after': WAITS,
  'fixed-interval': WAITS,
  'no-jitter': WAITS,
  'layered-retries': { bodies: 'to-decide', 'inner-attempts': 'to-decide' },
  'treats-overload-as-fatal': { 'inner-attempts': 'to-decide' },
  'gives-up-on-reset': { 'inner-attempts': 'to-decide' },
  'does-not-recover': { limits: 'always' },
  'leaves-quota-unused': { limits: 'always' },
  'concurrency-blow-up': { limits: 'always' },
  'wasted-tokens': { tokens: 'always' },
  'starves-callers': { caller: 'always' },
  // A limit that opens with its window makes those who obey it come at its start.
  'bursts-at-window-boundary': { limits: 'to-fail' },
  'restart-stampede': { limits: 'always' },
  'repeats-without-key': { 'request-headers': 'to-decide', bodies: 'to-decide' },
  'clock-skewed-retry-after': { limits: 'always' },
  hedges: { bodies: 'to-decide', durations: 'to-decide', 'inner-attempts': 'to-decide' },
  'hides-retries': { 'inner-attempts': 'to-pass' },
  'backoff-shape': WAITS,
};

const WORDS: Readonly<Record<MissingFact, string>> = {
  limits: 'the limits of the provider and how full they were',
  caller: 'what the callers of the client wanted and got',
  durations: 'when answers came and ended',
  'fine-clock': 'moments finer than a tenth of a second',
  bodies: 'which requests are the same',
  'request-headers': 'the headers of requests',
  tokens: 'how many tokens answers used',
  'inner-attempts': 'the attempts inside a call',
};

/** What a recording does not tell, in words. */
export function wordsFor(fact: MissingFact): string {
  return WORDS[fact];
}

/** What is not known of a run: nothing, unless it is recorded traffic or a program that ran by itself. */
export function missingIn({ header }: Run): readonly MissingFact[] {
  return (header.recorded ?? header.program)?.missing ?? [];
}

/** What does not tell these facts: the recording, the requests of a program, or a gateway that refuses by limits of its own. */
const untold = oncePerRun((run): { readonly facts: readonly MissingFact[]; readonly who: keyof typeof TELLERS } => {
  const { recorded, program } = run.header;
  if (recorded || program) return { facts: missingIn(run), who: recorded ? 'recording' : 'program' };
  const refuses = run.attempts.some(
    ({ answeredBy, status }) => answeredBy !== undefined && (status === 429 || status === 503),
  );
  return { facts: refuses ? ['limits'] : [], who: 'gateway' };
});

const TELLERS = {
  recording: (fact: MissingFact) => `the recording does not tell ${WORDS[fact]}`,
  program: (fact: MissingFact) => `what reached the provider does not tell ${WORDS[fact]}`,
  gateway: () => 'the gateway does not tell its own limits',
};

const untoldText = (run: Run, fact: MissingFact): string => TELLERS[untold(run).who](fact);

function lackingIn(run: Run, id: string, ...when: readonly When[]): MissingFact | undefined {
  const needs = NEEDS[id] ?? {};
  return untold(run).facts.find((fact) => needs[fact] !== undefined && when.includes(needs[fact]));
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** Why a verdict cannot be asked of a recording, if what it is about cannot be seen there. */
export function unseeable(run: Run, id: string): Decision | undefined {
  const fact = lackingIn(run, id, 'always');
  if (fact === undefined) return undefined;
  return { status: 'not-applicable', n: 0, needed: 1, reason: `${capital(untoldText(run, fact))}.` };
}

/** A decision, or that it cannot be made because the recording lacks what could turn it. */
export function weighed(run: Run, id: string, decision: Decision): Decision {
  const fact = turning(run, id, decision);
  if (fact === undefined) return decision;
  const { n, needed, reason } = decision;
  const told = `${reason.replace(/\.$/, '')}; but ${untoldText(run, fact)}, which could change this.`;
  return { status: 'inconclusive', n, needed, reason: told, advice: adviceFor(run, fact) };
}

/** The missing fact that could turn a decision. That nothing arose is true without any, unless it was inside a call. */
function turning(run: Run, id: string, { status }: Decision): MissingFact | undefined {
  switch (status) {
    case 'inconclusive':
      return undefined;
    case 'pass':
      return lackingIn(run, id, 'to-decide', 'to-pass');
    case 'not-applicable':
      return untold(run).facts.find((fact) => fact === 'inner-attempts' && NEEDS[id]?.[fact]);
    default:
      return lackingIn(run, id, 'to-decide', 'to-fail');
  }
}

function adviceFor(run: Run, fact: MissingFact): string {
  if (untold(run).who === 'gateway') {
    return "Put a limit such as the gateway's into the mock in its place, where it is known: leaky-bucket for nginx's limit_req.";
  }
  return fact === 'limits'
    ? 'Run the client against these limits with `quotalab run`, where they are known.'
    : 'Record more of each request (docs/recorded.md says what each format can hold), or run the client with `quotalab run`.';
}
