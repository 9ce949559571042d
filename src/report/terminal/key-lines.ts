import type { KeyUse } from '../../analysis/key-use.ts';
import { formatMetric, percent } from '../format.ts';
import { tableLines } from './table-lines.ts';

const MOST_SHOWN = 20;

/** The keys as a table: whose they are, and what each got. */
export function keyLines(keys: readonly KeyUse[]): string[] {
  if (keys.length === 0) return [];
  const limit = keys.find(({ quota }) => quota !== null)?.quota?.limit;
  const head = [
    'key',
    'attempts',
    'admitted',
    'refused',
    'tokens',
    'share',
    'p(95)',
    ...(limit ? [`of ${limit}`] : []),
  ];
  const rows = keys
    .slice(0, MOST_SHOWN)
    .map((one) => [
      one.name ?? one.key.slice(0, 8),
      ...[one.attempts, one.admitted, one.refused, one.tokens].map(String),
      one.share === null ? '–' : percent(one.share),
      one.p95Us === null ? '–' : formatMetric(one.p95Us),
      ...(limit ? [one.quota === null ? '–' : percent(one.quota.share)] : []),
    ]);
  const more = keys.length > MOST_SHOWN ? [`    and ${keys.length - MOST_SHOWN} more, in summary.json`] : [];
  return [...tableLines([head, ...rows]).map((line) => `    ${line}`), ...more];
}
