import { DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Straggler } from '../programs/process-group.ts';
import { describeLimit } from '../report/describe-limit.ts';

/** Formats the provider's addresses, limits and faults, printed before the command runs. */
export function formatExecIntroduction(
  urls: ReadonlyMap<DialectName, string>,
  { limits, faults }: Pick<ProviderSettings, 'limits' | 'faults'>,
): string {
  const addresses = [...urls].reverse().map(([name, url]) => `${DIALECTS[name].title} at ${url}`);
  const limitLines = limits.length === 0 ? ['no limits'] : limits.map((limit) => `limit ${describeLimit(limit)}`);
  const faultLines = faults.map(({ does }) => `fault ${does.kind}`);
  return [...addresses, ...limitLines, ...faultLines].map((line) => `quotalab: ${line}\n`).join('');
}

export function formatStragglers(stragglers: readonly Straggler[]): string {
  const lines = stragglers.map(({ pid, command }) => `  ${pid} ${command.slice(0, 100)}\n`).join('');
  const count = stragglers.length === 1 ? '1 process' : `${stragglers.length} processes`;
  return `quotalab: the command left ${count} running; terminated:\n${lines}`;
}
