import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { nearestName } from '../scenario/suggest-name.ts';
import { bundledNames } from './find-scenario.ts';

/**
 * Throws `cli/unknown-command` for a first argument that names neither a command nor a scenario. Without a command, a
 * scenario is run: paths are left to that.
 */
export function ensureKnownCommand(program: Command, first: string | undefined): void {
  if (first === undefined || !/^[a-z][a-z-]*$/i.test(first) || existsSync(first)) return;
  const commands = [...program.commands.flatMap((command) => [command.name(), ...command.aliases()]), 'help'];
  if (commands.includes(first)) return;
  const scenarios = bundledNames();
  if (scenarios.includes(first)) return;
  const [command, scenario] = [nearestName(first, commands), nearestName(first, scenarios)];
  const likely = command ?? (scenario === undefined ? undefined : `run ${scenario}`);
  const message = `commands: ${commands.join(', ')}; bundled scenarios: ${scenarios.join(', ')}`;
  const hint = likely === undefined ? 'quotalab --help' : `did you mean "quotalab ${likely}"?`;
  throw new QuotaLabError('cli/unknown-command', `there is no command ${first}`, {
    problems: [
      { path: '', message: likely === undefined ? message : 'is neither a command nor a bundled scenario', hint },
    ],
  });
}
