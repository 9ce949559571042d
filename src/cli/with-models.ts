import type { Measured } from '../plan/measured.ts';
import { createModelPool, type ModelPool } from '../plan/model-pool.ts';
import { createProgressLine } from './progress.ts';

/**
 * Gives `use` a pool of models and shows how many runs are done: of `total`, or without it of those asked for so far. Closes
 * the pool at the end.
 */
export async function withModels<Result>(
  { quiet, total }: { readonly quiet: boolean; readonly total?: number },
  use: (measure: ModelPool['measure']) => Promise<Result>,
): Promise<Result> {
  const pool = createModelPool();
  const line = createProgressLine(quiet);
  let [asked, done] = [0, 0];
  const measure = async (task: Parameters<ModelPool['measure']>[0]): Promise<Measured> => {
    asked++;
    const measured = await pool.measure(task);
    done++;
    line.show(`${done} of ${total ?? asked} runs of the model`);
    return measured;
  };
  try {
    return await use(measure);
  } finally {
    line.clear();
    await pool.close();
  }
}
