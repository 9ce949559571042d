import type { Command } from 'commander';
import { PROFILES } from '../../mock-server/profiles/profiles.ts';
import { profileLines } from '../report/terminal/profile-lines.ts';
import { addHelpFooter } from './help.ts';

export function addProfilesCommand(program: Command): void {
  const command = program
    .command('profiles')
    .summary('list the published limits of known tiers')
    .description('Lists the profiles: published limits of known tiers, usable as --limit or in a scenario.')
    .argument('[part]', 'part of the profile name, e.g. tier-1 or gpt-5')
    .option('--json', 'print the profiles as JSON');
  addHelpFooter(command, { example: 'quotalab profiles openai/tier-1' }).action(
    (part: string | undefined, { json }: { json?: boolean }) => {
      const found = PROFILES.filter(({ name }) => name.includes(part ?? ''));
      const text = json ? JSON.stringify(found, null, 2) : profileLines(found, part).join('\n');
      process.stdout.write(`${text}\n`);
    },
  );
}
