import type { MissingFact } from '../../journal/record.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import type { Judgement } from './verdict.ts';

/**
 * When a fact is required. `always`: without it the situation cannot be observed; `to-decide`: any result may be wrong;
 * `to-pass`: the truth can only be worse than the result; `to-fail`: it can only be better.
 */
type When = 'always' | 'to-decide' | 'to-pass' | 'to-fail';

/** The facts a verdict requires that a recording or a gateway may lack. Journals of other runs have all of them. */
export type RequiredFacts = Readonly<Partial<Record<MissingFact, When>>>;

/** What verdicts on the length of waits require. */
export const WAIT_FACTS: RequiredFacts = {
  durations: 'to-decide',
  'fine-clock': 'to-decide',
  'inner-attempts': 'to-decide',
};

const DESCRIPTIONS: Readonly<Record<MissingFact, string>> = {
  limits: 'the limits of the provider and their levels',
  caller: 'what callers requested from the client and received',
  durations: 'when replies started and ended',
  'fine-clock': 'times finer than 100 ms',
  bodies: 'which requests are equal',
  'request-headers': 'request headers',
  tokens: 'the token usage of replies',
  'inner-attempts': 'the attempts inside a call',
};

/** Describes a fact that a recording lacks. */
export function describeMissingFact(fact: MissingFact): string {
  return DESCRIPTIONS[fact];
}

/** The facts a run lacks; none unless it is recorded traffic or a program run by `quotalab exec`. */
export function missingIn({ header }: Run): readonly MissingFact[] {
  return (header.recorded ?? header.program)?.missing ?? [];
}

/** The missing facts and their source: a recording, the traffic of a program, or a gateway that refuses by its own limits. */
const missingFacts = memoizeByRun(
  (run): { readonly facts: readonly MissingFact[]; readonly source: keyof typeof SOURCE_TEXT } => {
    const { recorded, program } = run.header;
    if (recorded || program) return { facts: missingIn(run), source: recorded ? 'recording' : 'program' };
    const refuses = run.attempts.some(
      ({ answeredBy, status }) => answeredBy !== undefined && (status === 429 || status === 503),
    );
    return { facts: refuses ? ['limits'] : [], source: 'gateway' };
  },
);

const SOURCE_TEXT = {
  recording: (fact: MissingFact) => `the recording does not show ${DESCRIPTIONS[fact]}`,
  program: (fact: MissingFact) => `the requests at the provider do not show ${DESCRIPTIONS[fact]}`,
  gateway: () => 'the gateway does not report its own limits',
};

const missingFactText = (run: Run, fact: MissingFact): string => SOURCE_TEXT[missingFacts(run).source](fact);

function findMissingFact(run: Run, needs: RequiredFacts, ...when: readonly When[]): MissingFact | undefined {
  return missingFacts(run).facts.find((fact) => needs[fact] !== undefined && when.includes(needs[fact]));
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** Returns `not-applicable` if the run lacks a fact without which the verdict cannot observe its situation. */
export function judgeUnobservable(run: Run, needs: RequiredFacts): Judgement | undefined {
  const fact = findMissingFact(run, needs, 'always');
  if (fact === undefined) return undefined;
  return { status: 'not-applicable', n: 0, needed: 1, reason: `${capital(missingFactText(run, fact))}.` };
}

/** Returns the judgement, or `inconclusive` if the run lacks a fact that could change it. */
export function applyMissingFacts(run: Run, needs: RequiredFacts, judgement: Judgement): Judgement {
  const fact = findDecisiveFact(run, needs, judgement);
  if (fact === undefined) return judgement;
  const { n, needed, reason, figure, interval, evidence } = judgement;
  const qualified = `${reason.replace(/\.$/, '')}; but ${missingFactText(run, fact)}, which could change this verdict.`;
  const found = {
    ...(figure !== undefined && { figure }),
    ...(interval && { interval }),
    ...(evidence && { evidence }),
  };
  return { status: 'inconclusive', n, needed, reason: qualified, advice: adviceFor(run, fact), ...found };
}

/** The missing fact that could change a judgement. Only missing inner attempts can change `not-applicable`. */
function findDecisiveFact(run: Run, needs: RequiredFacts, { status }: Judgement): MissingFact | undefined {
  switch (status) {
    case 'inconclusive':
      return undefined;
    case 'pass':
      return findMissingFact(run, needs, 'to-decide', 'to-pass');
    case 'not-applicable':
      return missingFacts(run).facts.find((fact) => fact === 'inner-attempts' && needs[fact]);
    default:
      return findMissingFact(run, needs, 'to-decide', 'to-fail');
  }
}

function adviceFor(run: Run, fact: MissingFact): string {
  if (missingFacts(run).source === 'gateway') {
    return "Replace the gateway with an equivalent limit in the mock provider, for example leaky-bucket for nginx's limit_req.";
  }
  return fact === 'limits'
    ? 'Run the client against these limits with `quotalab run`, which knows them.'
    : 'Record more of each request (docs/recorded.md lists what each format can hold), or run the client with `quotalab run`.';
}
