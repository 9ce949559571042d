import type { Command } from 'commander';
import { fingerprintOf } from '../analysis/fingerprint.ts';
import { readJournal } from '../journal/journal-reader.ts';
import { fingerprintLines } from '../report/terminal/fingerprint-lines.ts';

export function addFingerprintCommand(program: Command): void {
  program
    .command('fingerprint')
    .summary('show how a client looks to its provider: address, user agent, content, timing')
    .argument('<journal>', 'a journal.jsonl')
    .option('--json', 'print it as JSON')
    .action(async (journal: string, { json }: { json?: boolean }) => {
      const signals = fingerprintOf(await readJournal(journal));
      const width = Math.max(80, process.stdout.columns ?? 80);
      const text = json ? JSON.stringify(signals, null, 2) : fingerprintLines(signals, width).join('\n');
      process.stdout.write(`${text}\n`);
    });
}
