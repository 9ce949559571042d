import type { ProviderFigures } from '../../analysis/run/by-provider.ts';
import { tableLines } from './table-lines.ts';

const HEAD = ['provider', 'calls', 'attempts', 'answered', 'refused', 'failed', 'open'];

/** Returns a table of several providers: what each was asked, and what became of it. */
export function providerLines(providers: readonly ProviderFigures[]): string[] {
  if (providers.length === 0) return [];
  const rows = providers.map(({ provider, calls, attempts, answered, refused, failed, unfinished }) => [
    provider,
    ...[calls, attempts, answered, refused, failed, unfinished].map(String),
  ]);
  return tableLines([HEAD, ...rows]).map((line) => `    ${line}`);
}
