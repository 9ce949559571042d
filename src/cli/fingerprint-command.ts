import type { Command } from 'commander';
import { computeFingerprints } from '../analysis/fingerprint.ts';
import { readJournal } from '../journal/journal-reader.ts';
import { fingerprintLines } from '../report/terminal/fingerprint-lines.ts';
import { addHelpFooter } from './help.ts';

export function addFingerprintCommand(program: Command): void {
  const command = program
    .command('fingerprint')
    .summary('show how a client looks to its provider')
    .description('Prints what a provider can recognise a client by: address, user agent, content and timing.')
    .argument('<journal>', 'a journal.jsonl, also as .gz or .zst, or its folder')
    .option('--json', 'print the signals as JSON');
  addHelpFooter(command, { example: 'quotalab fingerprint reports/article' }).action(
    async (journal: string, { json }: { json?: boolean }) => {
      const signals = computeFingerprints(await readJournal(journal));
      const width = Math.max(80, process.stdout.columns ?? 80);
      const text = json ? JSON.stringify(signals, null, 2) : fingerprintLines(signals, width).join('\n');
      process.stdout.write(`${text}\n`);
    },
  );
}
