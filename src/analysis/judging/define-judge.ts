import type { Severity } from '../../scenario/scenario.ts';
import { guessText } from '../run/joined-by.ts';
import { rawLoadReason } from '../run/raw-load.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import type { Interval } from '../statistics/interval.ts';
import { attributionGap } from './attribution-gap.ts';
import { MOST_EVIDENCE } from './clearest.ts';
import { unseeable, weighed } from './recorded-facts.ts';
import type { Evidence, Judge, VerdictStatus } from './verdict.ts';
import { type Settings, type ValuesOf, valuesOf } from './verdict-setting.ts';

/** What a judge has found, before everything that is the same for all of them. */
export interface Decision {
  readonly status: VerdictStatus;
  readonly n: number;
  readonly needed: number;
  readonly figure?: number;
  readonly interval?: Interval | undefined;
  readonly reason: string;
  /** Shown where something is wrong; the clearest first. */
  readonly evidence?: readonly Evidence[];
  /** Shown unless all is well. */
  readonly advice?: string;
}

interface Definition<Own extends Settings> {
  readonly id: string;
  readonly question: string;
  readonly severity: Severity;
  /** `calls`: attempts that cannot be joined to calls leave it undecided. */
  readonly about: 'calls' | 'attempts';
  readonly statistical?: true;
  readonly unit: string;
  readonly settings: Own;
  /** The bounds in words. */
  threshold(values: ValuesOf<Own>): string;
  decide(run: Run, values: ValuesOf<Own>): Decision;
}

/** Makes a judge of what is its own. */
export function defineJudge<Own extends Settings>(definition: Definition<Own>): Judge {
  const { id, question, severity, about, statistical = false, unit, settings, threshold, decide } = definition;
  return {
    id,
    question,
    defaultSeverity: severity,
    statistical,
    settings,
    judge(run, written = {}) {
      const values = valuesOf(settings, written);
      const gap = unjudged(run) ?? unseeable(run, id) ?? (about === 'calls' ? attributionGap(run) : undefined);
      const decision = gap ?? weighed(run, id, decide(run, values));
      const { evidence = [], advice = '', figure = null, interval, ...decided } = decision;
      const wrong = decided.status === 'warn' || decided.status === 'fail';
      const guess = wrong && about === 'calls' ? guessText(run) : undefined;
      return {
        ...decided,
        reason: guess === undefined ? decided.reason : `${decided.reason} ${guess}.`,
        figure,
        unit,
        ...(interval && { interval }),
        threshold: threshold(values),
        evidence: wrong ? evidence.slice(0, MOST_EVIDENCE) : [],
        advice: wrong || decided.status === 'inconclusive' ? advice : '',
      };
    },
  };
}

/** Raw load is nobody's client, and what was counted by the second has no single attempts to judge by. */
function unjudged(run: Run): Decision | undefined {
  const reason = rawLoadReason(run);
  return reason === undefined ? undefined : neverArose(reason);
}

/** The situation that a verdict judges never arose. */
export function neverArose(reason: string): Decision {
  return { status: 'not-applicable', n: 0, needed: 1, reason };
}

/** Too little was seen; `advice` says how to see more. */
export function tooLittle(n: number, needed: number, reason: string, advice: string): Decision {
  return { status: 'inconclusive', n, needed, reason, advice };
}

/** The status of a figure that is bad when it is high. */
export function above(figure: number, warn: number, fail: number): 'pass' | 'warn' | 'fail' {
  return figure > fail ? 'fail' : figure > warn ? 'warn' : 'pass';
}

export function proof({ call, id, startUs }: Attempt, what: string): Evidence {
  return { call, attempt: id, atUs: startUs, what };
}
