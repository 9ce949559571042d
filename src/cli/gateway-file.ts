import { dirname, resolve } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { parseYaml } from '../scenario/document.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { readTextFile } from '../scenario/text-file.ts';

/**
 * Reads the gateway of `check --gateway`: the `gateway:` block of a scenario, alone or in a scenario file. Throws
 * `scenario/not-found` and `scenario/bad-yaml`; the block itself is checked with each row's scenario.
 */
export function readGateway(file: string): NonNullable<ScenarioInput['gateway']> {
  const raw = Object(parseYaml(readText(file), file).raw) as { gateway?: object };
  const gateway = (raw.gateway ?? raw) as NonNullable<ScenarioInput['gateway']>;
  // Rows have no file of their own beside it.
  return gateway.config === undefined ? gateway : { ...gateway, config: resolve(dirname(file), gateway.config) };
}

function readText(file: string): string {
  try {
    return readTextFile(file);
  } catch (cause) {
    throw new QuotaLabError('scenario/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}
