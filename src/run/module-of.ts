import type { Scenario } from '../scenario/scenario.ts';

/** Returns the client module of a scenario in virtual time; the file format allows no other kind of client there. */
export function moduleOf({ client: { code } }: Scenario): string {
  if (code.kind !== 'module') throw new TypeError(`a ${code.kind} client cannot run in virtual time`);
  return code.module;
}
