import type { Analysis } from '../../analysis/analysis.ts';
import { wordsFor } from '../../analysis/judging/recorded-facts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import type { Paint } from './paint.ts';
import { joinedText } from './recorded-lines.ts';
import { indented } from './wrap.ts';

/** A program that ran by itself: how it ended, what joined its attempts to calls, and what is not known of it. */
export function programLines(run: Run, { unattributed }: Analysis, paint: Paint, width: number): string[] {
  const { program } = run.header;
  if (!program) return [];
  const { exitCode } = run;
  const ended = exitCode === undefined ? [] : [`it ended with exit code ${exitCode}${signalText(exitCode)}`];
  if (run.attempts.length === 0) return nothingLines(ended, program.variables, paint, width);
  const lines = [
    ...ended,
    joinedText(run, unattributed),
    `what reached the provider does not tell ${program.missing.map(wordsFor).join('; ')}`,
  ];
  return lines.flatMap((line) => indented(line, width, 4));
}

/** Shells tell of a signal by 128 and its number; these are the same everywhere. */
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
  return signal === undefined ? '' : `, as what ${signal} ends does`;
}

/** Nothing was tested: what to look at, the likeliest first. */
function nothingLines(ended: readonly string[], variables: readonly string[], paint: Paint, width: number): string[] {
  const causes = [
    `it builds its client with a base URL of its own, not from the environment (set: ${variables.filter((name) => !/_(KEY|VERSION)$/.test(name)).join(', ')})`,
    'something sets these variables again: a .env file that overrides, a test setup, a shell profile',
    'what makes the requests runs elsewhere: in a container, on another machine, under a daemon that was there before',
    'it replays recorded answers, or replaces its client by a mock of its own',
    'it made no request this time: a cache, or tests that were not selected',
  ];
  return [
    ...ended.flatMap((line) => indented(line, width, 4)),
    ...indented('No request reached the mock, so nothing was tested. Look whether', width, 4).map(paint.bad),
    ...causes.flatMap((cause) => indented(cause, width, 6, '- ')),
  ];
}
