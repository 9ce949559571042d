import type { Analysis } from '../../analysis/analysis.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import type { Paint } from './paint.ts';
import { joinedText } from './recorded-lines.ts';
import { indented } from './wrap.ts';

/** Returns how a program of `exec` ended, how its attempts were joined to calls, and what is unknown about it. */
export function programLines(run: Run, analysis: Analysis, paint: Paint, width: number): string[] {
  const { program } = run.header;
  if (!program) return [];
  const { exitCode } = run;
  const ended = exitCode === undefined ? [] : [`exit code ${exitCode}${signalText(exitCode)}`];
  if (run.attempts.length === 0) return noRequestLines(ended, program.variables, paint, width);
  const lines = [
    ...ended,
    joinedText(run, analysis),
    `unknown: ${analysis.missing.map(({ description }) => description).join('; ')}`,
  ];
  return lines.flatMap((line) => indented(line, width, 4));
}

/** Shells report a signal as 128 plus its number; these numbers are the same on every platform. */
const SIGNALS: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  131: 'SIGQUIT',
  134: 'SIGABRT',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

function signalText(exitCode: number): string {
  const signal = SIGNALS[exitCode];
  return signal === undefined ? '' : ` (${signal})`;
}

/** Returns the possible causes of a run without requests, most likely first. */
function noRequestLines(ended: readonly string[], variables: readonly string[], paint: Paint, width: number): string[] {
  const causes = [
    `the client sets its own base URL and ignores the environment (set: ${variables.filter((name) => !/_(KEY|VERSION)$/.test(name)).join(', ')})`,
    'a .env file, a test setup or a shell profile overrides these variables',
    'the requests come from elsewhere: a container, another machine, a daemon that was already running',
    'the program replays recorded replies, or mocks its client',
    'the program made no request this time: a cache, or tests that were not selected',
  ];
  return [
    ...ended.flatMap((line) => indented(line, width, 4)),
    ...indented('No request reached the mock server, so nothing was tested. Possible causes:', width, 4).map(paint.bad),
    ...causes.flatMap((cause) => indented(cause, width, 6, '- ')),
  ];
}
