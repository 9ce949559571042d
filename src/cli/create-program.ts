import { Command } from 'commander';
import { version } from '../experiment/package-root.ts';
import { addAnalyzeCommand } from './analyze-command.ts';
import { addCheckCommand } from './check-command.ts';
import { addCompareCommand } from './compare-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addExecCommand } from './exec-command.ts';
import { addExplainCommand } from './explain-command.ts';
import { addExportCommand } from './export-command.ts';
import { addFingerprintCommand } from './fingerprint-command.ts';
import { addHelpFooter, HELP_CONFIGURATION } from './help.ts';
import { ensureNoIdleFlags } from './idle-flags.ts';
import { addInitCommand } from './init-command.ts';
import { addOutputFlags } from './output-flags.ts';
import { addPlanCommand } from './plan-command.ts';
import { addProfilesCommand } from './profiles-command.ts';
import { addReportCommand } from './report-command.ts';
import { addRunCommand } from './run-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addSweepCommand } from './sweep-command.ts';
import { addValidateCommand } from './validate-command.ts';

/** Creates the command line with all its commands; errors are thrown as `CommanderError`. */
export function createProgram(): Command {
  const program = new Command('quotalab')
    .description('Load and quota testing for software that calls OpenAI-style APIs.')
    .version(version())
    .exitOverride()
    .configureHelp(HELP_CONFIGURATION)
    // Arguments after the command of `exec` belong to that command.
    .enablePositionalOptions()
    .showHelpAfterError('(run with --help for usage)')
    .hook('preAction', (_program, command) => ensureNoIdleFlags(command));

  // Subcommands inherit exitOverride and the help configuration, so both are set first.
  for (const add of [
    addCheckCommand,
    addInitCommand,
    addRunCommand,
    addPlanCommand,
    addSweepCommand,
    addCompareCommand,
    addAnalyzeCommand,
    addServeCommand,
    addExecCommand,
    addReportCommand,
    addExportCommand,
    addExplainCommand,
    addFingerprintCommand,
    addProfilesCommand,
    addDoctorCommand,
    addValidateCommand,
  ])
    add(program);
  addOutputFlags(program);
  addHelpFooter(program, {
    example: 'quotalab run article',
    details: ['Completion: source <(quotalab complete bash), or zsh, fish, powershell'],
    exitCodes: { 99: 'a verdict or threshold failed', 130: 'interrupted' },
  });
  return program;
}
