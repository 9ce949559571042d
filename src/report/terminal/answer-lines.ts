import { rawLoadReason } from '../../analysis/run/raw-load.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { percent } from '../format.ts';
import { indented } from './wrap.ts';

/** More kinds of answers than these are not told one by one. */
const MOST_KINDS = 8;

/** What the requests of raw load came back with, the most frequent first; nothing for a run that has clients to judge. */
export function answerLines(run: Run, width: number): string[] {
  if (rawLoadReason(run) === undefined) return [];
  const kinds = new Map<string, number>();
  const add = ({ result, error }: Run['calls'][number] | Counted, count: number): void => {
    const kind = result === 'ok' ? 'success' : result === 'open' ? 'not ended when the run did' : kindOf(error);
    kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  };
  for (const call of run.calls) add(call, 1);
  for (const group of run.seconds.flatMap(({ calls = [] }) => calls)) add(group, group.count);
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const sorted = [...kinds].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(MOST_KINDS).reduce((sum, [, count]) => sum + count, 0);
  const told = [...sorted.slice(0, MOST_KINDS), ...(rest > 0 ? [['others', rest] as const] : [])];
  return told.flatMap(([kind, count]) => indented(`${kind}: ${count}, ${percent(count / total)}`, width, 4));
}

type Counted = NonNullable<Run['seconds'][number]['calls']>[number];

/** A status by itself; what had no status by its name and what the system said. */
function kindOf(error: Counted['error']): string {
  return error?.status !== undefined ? error.message : `${error?.name}, ${error?.message}`;
}
