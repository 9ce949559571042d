import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import type { DialectName, ProviderSettings } from '../../mock-server/settings.ts';
import type { LeftBehind } from '../programs/process-group.ts';
import { describeLimit } from '../report/describe-limit.ts';

/** What a person is told before a command runs: where the provider is, and what it does. */
export function execIntroduction(
  urls: ReadonlyMap<DialectName, string>,
  { limits, faults }: Pick<ProviderSettings, 'limits' | 'faults'>,
): string {
  const places = [...urls].reverse().map(([name, url]) => `${dialectOf({ dialect: name }).title} at ${url}`);
  const metered = limits.length === 0 ? ['no limits'] : limits.map((limit) => `limit ${describeLimit(limit)}`);
  const wrong = faults.map(({ does }) => `fault ${does.kind}`);
  return [...places, ...metered, ...wrong].map((line) => `quotalab: ${line}\n`).join('');
}

export function leftText(left: readonly LeftBehind[]): string {
  const all = left.map(({ pid, command }) => `  ${pid} ${command.slice(0, 100)}\n`).join('');
  const many = left.length === 1 ? 'a process' : `${left.length} processes`;
  return `quotalab: the command left ${many} running, now ended:\n${all}`;
}
