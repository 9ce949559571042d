import type { Analysis } from '../../analysis/analysis.ts';
import { isAdmitted, isRejected } from '../../analysis/run/attempts.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import { formatMetric, percent, round } from '../format.ts';
import { coarseText, timeText } from '../time-text.ts';

/** Returns what happened in a run, in two sentences, and what limits their meaning. */
export function runStory(run: Run, analysis: Analysis): string[] {
  const warnings = [analysis.unchallenged, coarseText(analysis)].flatMap((text) => (text ? [text] : []));
  const stopped = run.stopped ? [STOPPED[run.stopped]] : [];
  return [...stopped, [callSentence(run), requestSentence(run, analysis)].filter(Boolean).join(' '), ...warnings];
}

const STOPPED: Readonly<Record<NonNullable<Run['stopped']>, string>> = {
  interrupted: 'The run was interrupted; this is what was seen until then.',
  threshold: 'A threshold with abortOnFail ended the run.',
  'client-exited': 'The client exited before the run was over.',
  'gateway-exited': 'The gateway exited before the run was over.',
  'journal-failed': 'The journal could not be written to its end.',
  'cut-off': 'The journal is cut off; this is what it holds.',
};

function callSentence(run: Run): string {
  const { calls, header, seconds } = run;
  const time = `in ${formatMetric(run.endUs)}${header.recorded ? ' of recorded traffic' : ` of ${timeText(header)}`}`;
  if (seconds.length > 0) return `${count(secondsAttempts(run), 'request')} of raw load were sent ${time}.`;
  if (calls.length === 0) return `No call was made ${time}.`;
  const failed = calls.filter(({ result }) => result === 'error').length;
  const open = calls.filter(({ result }) => result === 'open').length;
  const ok = calls.length - failed - open;
  const unended = open === 0 ? '' : `, ${open} had not ended`;
  const outcome =
    failed > 0
      ? `${failed} failed (${percent(failed / (calls.length - open))})`
      : `${open === 0 ? 'all' : ok} succeeded`;
  return `${count(calls.length, 'call')} ${time}: ${outcome}${unended}.`;
}

function requestSentence(run: Run, { limits }: Analysis): string {
  const { attempts, calls, seconds } = run;
  if (seconds.length > 0 || attempts.length === 0)
    return attempts.length === 0 ? 'No request reached the provider.' : '';
  const refused = attempts.filter(isRejected).length;
  const admitted = attempts.filter(isAdmitted).length;
  const per =
    calls.length > 0 && attempts.length !== calls.length ? ` (${round(attempts.length / calls.length)} a call)` : '';
  const [most] = limits.toSorted((a, b) => b.denied - a.denied);
  const by = most && most.denied > 0 ? ` ${most.denied < refused ? 'mostly ' : ''}by the limit ${most.limit}` : '';
  const decided = refused === 0 ? 'none refused' : `${refused} refused${by}`;
  return `They sent ${count(attempts.length, 'request')}${per}: ${admitted} were admitted and ${decided}.`;
}

function secondsAttempts({ seconds }: Run): number {
  return seconds.reduce((sum, { attempts = [] }) => sum + attempts.reduce((all, group) => all + group.count, 0), 0);
}

function count(n: number, noun: string): string {
  return `${n} ${n === 1 ? noun : `${noun}s`}`;
}
