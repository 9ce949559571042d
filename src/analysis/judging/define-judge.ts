import type { Severity } from '../../scenario/scenario.ts';
import { describeGuesses } from '../run/joined-by.ts';
import { rawLoadReason } from '../run/raw-load.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import type { Interval } from '../statistics/interval.ts';
import { attributionGap } from './attribution-gap.ts';
import { applyMissingFacts, judgeUnobservable } from './recorded-facts.ts';
import { MAX_EVIDENCE } from './top-by.ts';
import type { Evidence, Judge, VerdictStatus } from './verdict.ts';
import { resolveSettings, type Settings, type ValuesOf } from './verdict-setting.ts';

/** The result of one judge's `decide`, before the parts that all judges share are added. */
export interface Judgement {
  readonly status: VerdictStatus;
  readonly n: number;
  readonly needed: number;
  readonly figure?: number;
  readonly interval?: Interval | undefined;
  readonly reason: string;
  /** Shown for `warn` and `fail`; the clearest first. */
  readonly evidence?: readonly Evidence[];
  /** Shown for `warn`, `fail` and `inconclusive`. */
  readonly advice?: string;
}

interface Definition<Own extends Settings> {
  readonly id: string;
  readonly question: string;
  readonly severity: Severity;
  /** `calls`: inconclusive if too many attempts cannot be attributed to calls. */
  readonly about: 'calls' | 'attempts';
  readonly statistical?: true;
  readonly unit: string;
  readonly settings: Own;
  /** The bounds as text. */
  threshold(values: ValuesOf<Own>): string;
  decide(run: Run, values: ValuesOf<Own>): Judgement;
}

/** Creates a judge from its definition, and adds attribution gaps, missing facts and evidence limits. */
export function defineJudge<Own extends Settings>(definition: Definition<Own>): Judge {
  const { id, question, severity, about, statistical = false, unit, settings, threshold, decide } = definition;
  return {
    id,
    question,
    defaultSeverity: severity,
    statistical,
    settings,
    judge(run, written = {}) {
      const values = resolveSettings(settings, written);
      const gap =
        rawLoadJudgement(run) ?? judgeUnobservable(run, id) ?? (about === 'calls' ? attributionGap(run) : undefined);
      const judgement = gap ?? applyMissingFacts(run, id, decide(run, values));
      const { evidence = [], advice = '', figure = null, interval, ...decided } = judgement;
      const wrong = decided.status === 'warn' || decided.status === 'fail';
      const guess = wrong && about === 'calls' ? describeGuesses(run) : undefined;
      return {
        ...decided,
        reason: guess === undefined ? decided.reason : `${decided.reason} ${guess}.`,
        figure,
        unit,
        ...(interval && { interval }),
        threshold: threshold(values),
        evidence: wrong ? evidence.slice(0, MAX_EVIDENCE) : [],
        advice: wrong || decided.status === 'inconclusive' ? advice : '',
      };
    },
  };
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

/** Too few observations; `advice` says how to get more. */
export function inconclusive(n: number, needed: number, reason: string, advice: string): Judgement {
  return { status: 'inconclusive', n, needed, reason, advice };
}

/** The status of a figure whose high values are bad. */
export function above(figure: number, warn: number, fail: number): 'pass' | 'warn' | 'fail' {
  return figure > fail ? 'fail' : figure > warn ? 'warn' : 'pass';
}

export function proof({ call, id, startUs }: Attempt, what: string): Evidence {
  return { call, attempt: id, atUs: startUs, what };
}
