import type { Problem } from '../../mock-server/error.ts';
import { meantName } from '../scenario/meant-name.ts';
import type { Severity } from '../scenario/scenario.ts';
import type { Run } from './run-view.ts';
import type { Judge, Verdict } from './verdict.ts';
import { amplifiesLoad } from './verdicts/amplifies-load.ts';
import { fixedInterval } from './verdicts/fixed-interval.ts';
import { givesUpEarly } from './verdicts/gives-up-early.ts';
import { givesUpOnReset } from './verdicts/gives-up-on-reset.ts';
import { ignoresRetryAfter } from './verdicts/ignores-retry-after.ts';
import { layeredRetries } from './verdicts/layered-retries.ts';
import { noJitter } from './verdicts/no-jitter.ts';
import { overWaits } from './verdicts/over-waits.ts';
import { retriesNonRetryable } from './verdicts/retries-non-retryable.ts';
import { retriesTooEarly } from './verdicts/retries-too-early.ts';
import { synchronisedHerd } from './verdicts/synchronised-herd.ts';
import { treatsOverloadAsFatal } from './verdicts/treats-overload-as-fatal.ts';
import { unboundedRetries } from './verdicts/unbounded-retries.ts';

/** Every judge, in the order in which reports show them. */
export const JUDGES: readonly Judge[] = [
  ignoresRetryAfter,
  amplifiesLoad,
  synchronisedHerd,
  givesUpEarly,
  retriesNonRetryable,
  unboundedRetries,
  retriesTooEarly,
  overWaits,
  fixedInterval,
  noJitter,
  layeredRetries,
  treatsOverloadAsFatal,
  givesUpOnReset,
];

/** Severities for verdicts that do not exist; paths as in the file. */
export function verdictProblems(severities: Readonly<Record<string, Severity>>): Problem[] {
  const known = JUDGES.map(({ id }) => id);
  return Object.keys(severities)
    .filter((id) => !known.includes(id))
    .map((id) => ({
      path: `verdicts.${id}`,
      message: `there is no verdict ${id}; there are ${known.join(', ')}`,
      ...meantName(id, known),
    }));
}

/** Asks every judge that is not switched off. */
export function judgeRun(run: Run, severities: Readonly<Record<string, Severity>>): Verdict[] {
  return JUDGES.flatMap((judge): Verdict[] => {
    const severity = severities[judge.id] ?? judge.defaultSeverity;
    if (severity === 'off') return [];
    return [{ id: judge.id, question: judge.question, severity, ...judge.judge(run) }];
  });
}
