import type { Scenario } from '../scenario/scenario.ts';

/** The module of a scenario whose client is one; the file format lets nothing else into virtual time. */
export function moduleOf({ client: { code } }: Scenario): string {
  if (code.kind !== 'module') throw new TypeError(`a client that is a ${code.kind} cannot run in virtual time`);
  return code.module;
}
