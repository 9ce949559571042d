import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { percent } from '../format.ts';
import { indented } from './wrap.ts';

/** Further kinds of replies are summed up as `others`. */
const MAX_KINDS = 8;

/** Returns the replies to raw load, most frequent first; an empty list for other runs. */
export function replyLines(run: Run, { rawLoad }: Analysis, width: number): string[] {
  if (rawLoad === null) return [];
  const kinds = new Map<string, number>();
  const add = ({ result, error }: Run['calls'][number] | Counted, count: number): void => {
    const kind =
      result === 'ok' ? 'success' : result === 'open' ? 'unfinished at the end of the run' : describeError(error);
    kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  };
  for (const call of run.calls) add(call, 1);
  for (const group of run.seconds.flatMap(({ calls = [] }) => calls)) add(group, group.count);
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const sorted = [...kinds].sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(MAX_KINDS).reduce((sum, [, count]) => sum + count, 0);
  const shown = [...sorted.slice(0, MAX_KINDS), ...(rest > 0 ? [['others', rest] as const] : [])];
  return shown.flatMap(([kind, count]) => indented(`${kind}: ${count}, ${percent(count / total)}`, width, 4));
}

type Counted = NonNullable<Run['seconds'][number]['calls']>[number];

/** Returns the message of an error with a status, otherwise its name and message. */
function describeError(error: Counted['error']): string {
  return error?.status !== undefined ? error.message : `${error?.name}, ${error?.message}`;
}
