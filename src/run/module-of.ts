import type { Scenario } from '../scenario/scenario.ts';

/** Returns the module of a scenario in virtual time, for which the file format allows no other client. */
export function moduleOf({ client: { code } }: Scenario): string {
  if (code.kind !== 'module') throw new TypeError(`a ${code.kind} client cannot run in virtual time`);
  return code.module;
}
