import { createRedactor } from '../../../mock-server/redaction/redactor.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { requireAttempts } from '../require-attempts.ts';
import { harEntry } from './har-entry.ts';

const ABOUT =
  'From the journal of a run. Bodies stand for those that were sent: prompts and answers are in no journal, keys are hashes.';

/**
 * Returns a run as the text of a HAR 1.2 in pieces, one for each attempt: browsers show it in their network panel, and
 * `quotalab analyze` reads it. Throws `export/no-attempts`.
 */
export function* harText(run: Run): Generator<string> {
  requireAttempts(run, 'har');
  const redactor = createRedactor();
  const { tool, seed, scenario } = run.header;
  const [name, version = ''] = tool.split(' ');
  const comment = redactor.text(`${scenario.name}, seed ${seed}. ${ABOUT}`);
  const head = { version: '1.2', creator: { name, version }, pages: [], comment };
  yield `{"log":${JSON.stringify(head).slice(0, -1)},"entries":[\n`;
  let separator = '';
  for (const attempt of run.attempts) {
    yield separator + JSON.stringify(redactor.value(harEntry(run, attempt)));
    separator = ',\n';
  }
  yield '\n]}}\n';
}
