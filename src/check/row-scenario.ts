import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { JUDGES } from '../analysis/judging/judge-run.ts';
import type { VerdictSetting } from '../scenario/scenario.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import type { CheckRow, SituationParts } from './row.ts';

/** The client under test and the conditions that all rows share. */
export interface CheckConditions {
  readonly client: ScenarioInput['client'];
  readonly dialect: DialectName;
  /** Absent: virtual time. */
  readonly time?: ScenarioInput['time'];
  readonly seed?: number | undefined;
  readonly gateway?: ScenarioInput['gateway'];
}

/** Latency of answers, unless a row has its own: short, so that waits stand out. */
const LATENCY = { firstToken: '200ms', perToken: '2ms' };

/** Returns whether the clocks of these conditions jump or run faster than the machine's. */
export function isRealTime({ time }: Pick<CheckConditions, 'time'>): boolean {
  return time === 'wall';
}

/** Returns why a row cannot be run under these conditions; undefined if it can. */
export function whyLeftOut({ inRealTime, notFor }: CheckRow, conditions: CheckConditions): string | undefined {
  const reason = notFor?.[conditions.dialect];
  if (reason !== undefined) return reason;
  return isRealTime(conditions) && typeof inRealTime === 'string' ? inRealTime : undefined;
}

/**
 * Returns the scenario of a row, as it would be written to a file: `quotalab run` on it gives the verdicts of the row. Paths of
 * the client stay as given.
 */
export function scenarioOf(row: CheckRow, conditions: CheckConditions): ScenarioInput {
  const { dialect, client, time, seed, gateway } = conditions;
  const { provider, call, load, thresholds } = partsOf(row, conditions);
  const { faults = [] } = provider;
  return {
    name: row.id,
    about: `The client is ${row.situation}. To pass: ${row.passes}`,
    ...(seed !== undefined && { seed }),
    ...(time !== undefined && { time }),
    provider: {
      dialect,
      models: 'any',
      latency: LATENCY,
      ...provider,
      faults: faults.map((fault) => inUnits(fault, dialect)),
    },
    ...(gateway !== undefined && { gateway }),
    client,
    ...(call && { call }),
    load,
    ...(thresholds && { thresholds }),
    verdicts: severitiesOf(row),
  };
}

/** Gemini writes its wait with a unit: `1.5s`. */
function inUnits<Fault extends { readonly retryAfter?: string | number | undefined }>(
  fault: Fault,
  dialect: DialectName,
): Fault {
  const isNumber = /^\d+(\.\d+)?$/.test(String(fault.retryAfter));
  return dialect === 'gemini' && isNumber ? { ...fault, retryAfter: `${fault.retryAfter}s` } : fault;
}

function partsOf({ parts, inRealTime }: CheckRow, conditions: CheckConditions): SituationParts {
  return isRealTime(conditions) && typeof inRealTime === 'object' ? { ...parts, ...inRealTime } : parts;
}

/** Verdicts of the row count as errors; the others are not computed. */
function severitiesOf({ verdicts }: CheckRow): Record<string, VerdictSetting> {
  const settings: Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> = verdicts;
  return Object.fromEntries(
    JUDGES.map(({ id }): [string, VerdictSetting] => {
      const own = settings[id];
      if (!own) return [id, 'off'];
      return [id, Object.keys(own).length === 0 ? 'error' : { severity: 'error', ...own }];
    }),
  );
}

/** Returns the scenario of one plain call without limits or faults: what every client must be able to do. */
export function plainCallScenario(conditions: CheckConditions): ScenarioInput {
  const { dialect, client, time, seed, gateway } = conditions;
  return {
    name: 'plain-call',
    ...(seed !== undefined && { seed }),
    ...(time !== undefined && { time }),
    provider: { dialect, models: 'any', latency: LATENCY },
    ...(gateway !== undefined && { gateway }),
    client,
    load: [
      {
        executor: 'shared-iterations',
        iterations: 1,
        maxDuration: typeof time === 'object' ? '10m' : '60s',
        gracefulStop: '0s',
      },
    ],
    verdicts: Object.fromEntries(JUDGES.map(({ id }) => [id, 'off' as const])),
  };
}
