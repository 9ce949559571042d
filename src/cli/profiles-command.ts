import type { Command } from 'commander';
import { PROFILES } from '../../mock-server/profiles/profiles.ts';
import { profileLines } from '../report/terminal/profile-lines.ts';

export function addProfilesCommand(program: Command): void {
  program
    .command('profiles')
    .summary('list the published limits of known tiers')
    .argument('[part]', 'a part of the name, e.g. tier-1 or gpt-5')
    .option('--json', 'print them as JSON')
    .action((part: string | undefined, { json }: { json?: boolean }) => {
      const found = PROFILES.filter(({ name }) => name.includes(part ?? ''));
      const text = json ? JSON.stringify(found, null, 2) : profileLines(found, part).join('\n');
      process.stdout.write(`${text}\n`);
    });
}
