import type { Severity } from '../../scenario/scenario.ts';
import { describeGuesses } from '../run/joined-by.ts';
import { rawLoadReason } from '../run/raw-load.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { attributionGap } from './attribution-gap.ts';
import { applyMissingFacts, judgeUnobservable, type RequiredFacts } from './recorded-facts.ts';
import { type DecidedBy, type Evidence, type Judge, type Judgement, MAX_EVIDENCE } from './verdict.ts';
import { resolveSettings, type Settings, type ValuesOf } from './verdict-setting.ts';

interface Definition<Id extends string, Own extends Settings> {
  readonly id: Id;
  readonly question: string;
  readonly severity: Severity;
  readonly decidedBy: DecidedBy;
  /** How a scenario makes the situation arise, as one imperative sentence with a full stop. */
  readonly arrange: string;
  /** `calls`: inconclusive if too many attempts cannot be attributed to calls. */
  readonly about: 'calls' | 'attempts';
  readonly needs: RequiredFacts;
  readonly unit: string;
  readonly settings: Own;
  /** The bounds as text. */
  threshold(values: ValuesOf<Own>): string;
  decide(run: Run, values: ValuesOf<Own>): Judgement;
}

/** Creates a judge from its definition, and adds attribution gaps, missing facts and evidence limits. */
export function defineJudge<const Id extends string, Own extends Settings>(definition: Definition<Id, Own>): Judge<Id> {
  const { id, question, severity, decidedBy, arrange, about, needs, unit, settings, threshold, decide } = definition;
  return {
    id,
    question,
    defaultSeverity: severity,
    decidedBy,
    arrange,
    settings,
    judge(run, written = {}) {
      const values = resolveSettings(settings, written);
      const gap =
        rawLoadJudgement(run) ?? judgeUnobservable(run, needs) ?? (about === 'calls' ? attributionGap(run) : undefined);
      const judgement = gap ?? applyMissingFacts(run, needs, adviseRecording(run, decide(run, values)));
      const { evidence = [], advice = '', figure = null, interval, ...decided } = judgement;
      const wrong = decided.status === 'warn' || decided.status === 'fail';
      const undecided = decided.status === 'inconclusive';
      const guess = wrong && about === 'calls' ? describeGuesses(run) : undefined;
      return {
        ...decided,
        reason: guess === undefined ? decided.reason : `${decided.reason} ${guess}.`,
        figure,
        unit,
        ...(interval && { interval }),
        threshold: threshold(values),
        evidence: wrong || undecided ? evidence.slice(0, MAX_EVIDENCE) : [],
        advice: wrong || undecided ? advice : '',
      };
    },
  };
}

/** A recording cannot be run longer or with more users: more of it can be read. */
function adviseRecording({ header }: Run, judgement: Judgement): Judgement {
  if (!header.recorded || judgement.status !== 'inconclusive') return judgement;
  return { ...judgement, advice: 'Read a longer recording, or lower the minimum of this verdict.' };
}

/** Raw load has no client to judge, and its requests may be counted per second only. */
function rawLoadJudgement(run: Run): Judgement | undefined {
  const reason = rawLoadReason(run);
  return reason === undefined ? undefined : notApplicable(reason);
}

/** The situation that a verdict judges did not occur. */
export function notApplicable(reason: string): Judgement {
  return { status: 'not-applicable', n: 0, needed: 1, reason };
}

/** Too few observations; `advice` says how to get more. Add the figure and the evidence that were found. */
export function inconclusive(n: number, needed: number, reason: string, advice: string): Judgement {
  return { status: 'inconclusive', n, needed, reason, advice };
}

/** The status of a figure whose high values are bad. */
export function above(figure: number, warn: number, fail: number): 'pass' | 'warn' | 'fail' {
  return figure > fail ? 'fail' : figure > warn ? 'warn' : 'pass';
}

/** Evidence at one attempt, which readers find as the n-th try of its call. */
export function proof({ call, id, number, startUs }: Attempt, what: string): Evidence {
  return { call, attempt: id, ...(call !== null && { number }), atUs: startUs, what };
}
