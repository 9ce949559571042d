import { Command, CommanderError } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { addAnalyzeCommand } from './analyze-command.ts';
import { addCompareCommand } from './compare-command.ts';
import { addExecCommand } from './exec-command.ts';
import { EXIT } from './exit-code.ts';
import { addExportCommand } from './export-command.ts';
import { addFingerprintCommand } from './fingerprint-command.ts';
import { version } from './package-root.ts';
import { addPlanCommand } from './plan-command.ts';
import { addProfilesCommand } from './profiles-command.ts';
import { addReportCommand } from './report-command.ts';
import { addRunCommand } from './run-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addSweepCommand } from './sweep-command.ts';
import { tellError } from './tell-error.ts';
import { addValidateCommand } from './validate-command.ts';

const program = new Command('quotalab')
  .description('Load and quota testing for software that calls OpenAI-style APIs.')
  .version(version())
  .exitOverride()
  // What follows the command of `exec` is that command's own.
  .enablePositionalOptions()
  .showHelpAfterError('(--help tells what there is)');

// Subcommands take exitOverride over from the program, so it is set before they are made.
for (const add of [
  addRunCommand,
  addPlanCommand,
  addSweepCommand,
  addCompareCommand,
  addAnalyzeCommand,
  addServeCommand,
  addExecCommand,
  addReportCommand,
  addExportCommand,
  addFingerprintCommand,
  addProfilesCommand,
  addValidateCommand,
])
  add(program);

// A reader that has seen enough (`| head`) is no failure; the exit code still says how the run went.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`quotalab: stdout cannot be written: ${error.message}\n`);
  process.exit(EXIT.toolFailed);
});

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already said what is wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.badInput;
  else {
    tellError(error);
    process.exitCode = error instanceof QuotaLabError && error.fault === 'input' ? EXIT.badInput : EXIT.toolFailed;
  }
}
