import { formatMetric } from '../analysis/format.ts';
import { proof } from '../analysis/judging/define-judge.ts';
import { type Evidence, MAX_EVIDENCE } from '../analysis/judging/verdict.ts';
import type { Attempt, Call } from '../analysis/run/run-view.ts';
import { evidenceLines } from '../report/terminal/verdict-lines.ts';

/** Columns of a message. */
export const WIDTH = 100;

/** Returns evidence lines for the first calls: the last attempt of each, and how the call ended. */
export function callEvidenceLines(calls: readonly Call[]): string[] {
  const evidence = calls.slice(0, MAX_EVIDENCE).map((call): Evidence => {
    const last = call.attempts.at(-1);
    const times = `${call.attempts.length} ${call.attempts.length === 1 ? 'attempt' : 'attempts'}`;
    const what = `${times} in ${formatMetric(call.endUs - call.startUs)}, ${describeEnd(call)}`;
    return last ? proof(last, what) : { call: call.id, attempt: null, atUs: call.startUs, what };
  });
  return evidenceLines(evidence, WIDTH);
}

function describeEnd({ result, error }: Call): string {
  if (result === 'ok') return 'succeeded';
  if (result === 'open') return 'unfinished';
  return `failed${error ? `: ${oneLine(`${error.name}: ${error.message}`)}` : ''}`;
}

const MAX_MESSAGE_CHARS = 100;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS)}…` : line;
}

/** Returns evidence lines for the first refusals, with the limit and the requested wait. */
export function refusalEvidenceLines(refused: readonly Attempt[]): string[] {
  return evidenceLines(
    refused.slice(0, MAX_EVIDENCE).map((attempt) => proof(attempt, describeRefusal(attempt))),
    WIDTH,
  );
}

function describeRefusal({ deniedBy, retryAfterUs }: Attempt): string {
  const by = deniedBy === undefined ? '' : ` by ${deniedBy}`;
  return `refused${by}${retryAfterUs === undefined ? '' : `, requested wait ${formatMetric(retryAfterUs)}`}`;
}

/** Sorts calls by attempts, most first. */
export function sortByAttempts(calls: readonly Call[]): Call[] {
  return calls.toSorted((a, b) => b.attempts.length - a.attempts.length || a.id - b.id);
}
