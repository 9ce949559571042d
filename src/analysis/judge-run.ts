import type { Problem } from '../../mock-server/error.ts';
import { meantName } from '../scenario/meant-name.ts';
import type { Severity } from '../scenario/scenario.ts';
import type { Run } from './run-view.ts';
import type { Judge, Verdict } from './verdict.ts';
import { amplifiesLoad } from './verdicts/amplifies-load.ts';
import { givesUpEarly } from './verdicts/gives-up-early.ts';
import { ignoresRetryAfter } from './verdicts/ignores-retry-after.ts';
import { synchronisedHerd } from './verdicts/synchronised-herd.ts';

/** Every judge, in the order in which reports show them. */
export const JUDGES: readonly Judge[] = [ignoresRetryAfter, amplifiesLoad, synchronisedHerd, givesUpEarly];

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
