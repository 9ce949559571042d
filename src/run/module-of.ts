import type { ClientCode, ModuleCode, Scenario } from '../scenario/scenario.ts';

/** Returns the client module of a scenario in virtual time; the file format allows no other kind of client there. */
export function moduleOf({ client: { code } }: Scenario): string {
  return moduleCodeOf(code).module;
}

/** Returns the code of a client in virtual time. */
export function moduleCodeOf(code: ClientCode): ModuleCode {
  if (code.kind !== 'module') throw new TypeError(`a ${code.kind} client cannot run in virtual time`);
  return code;
}
