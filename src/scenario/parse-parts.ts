import type { Limit } from '../../mock-server/admission/limit.ts';
import type { Fault } from '../../mock-server/faults/fault.ts';
import { keysOf } from '../../mock-server/setting-fields.ts';
import { faultsSchema } from './fault-schema.ts';
import { limitsSchema } from './limits-schema.ts';
import { parseWith } from './parse-with.ts';

const limits = keysOf({ limits: limitsSchema });
const faults = keysOf({ faults: faultsSchema });

/** Parses `{ limits: … }` as under `provider:` in a scenario. Throws `scenario/invalid` with every problem. */
export function parseLimits(raw: unknown): readonly Limit[] {
  return parseWith(limits, raw ?? {}, 'scenario/invalid', 'invalid limits').limits;
}

/** Parses `{ faults: … }` as under `provider:` in a scenario. Throws `scenario/invalid` with every problem. */
export function parseFaults(raw: unknown): readonly Fault[] {
  return parseWith(faults, raw ?? {}, 'scenario/invalid', 'invalid faults').faults;
}
