import type { KeyUse } from '../../analysis/key-use.ts';
import { formatMetric, percent } from '../format.ts';
import { tableLines } from './table-lines.ts';

const MAX_SHOWN = 20;

/** Returns a table of keys with the traffic of each. */
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
    .slice(0, MAX_SHOWN)
    .map((key) => [
      key.name ?? key.key.slice(0, 8),
      ...[key.attempts, key.admitted, key.refused, key.tokens].map(String),
      key.share === null ? '–' : percent(key.share),
      key.p95Us === null ? '–' : formatMetric(key.p95Us),
      ...(limit ? [key.quota === null ? '–' : percent(key.quota.share)] : []),
    ]);
  const more = keys.length > MAX_SHOWN ? [`    and ${keys.length - MAX_SHOWN} more, in summary.json`] : [];
  return [...tableLines([head, ...rows]).map((line) => `    ${line}`), ...more];
}
