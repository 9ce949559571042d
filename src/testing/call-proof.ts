import { formatDuration } from '../../mock-server/duration.ts';
import { MOST_EVIDENCE } from '../analysis/judging/clearest.ts';
import type { Evidence } from '../analysis/judging/verdict.ts';
import type { Attempt, Call } from '../analysis/run/run-view.ts';
import { evidenceLines } from '../report/terminal/verdict-lines.ts';

/** Columns of a message. */
export const WIDTH = 100;

/** The clearest of some calls: the last attempt of each, and how the call ended. */
export function proofOfCalls(calls: readonly Call[]): string[] {
  const evidence = calls.slice(0, MOST_EVIDENCE).map((call): Evidence => {
    const last = call.attempts.at(-1);
    const times = `${call.attempts.length} ${call.attempts.length === 1 ? 'attempt' : 'attempts'}`;
    const what = `${times} in ${formatDuration(call.endUs - call.startUs)}, ${endOf(call)}`;
    return last ? evidenceOf(last, what) : { call: call.id, attempt: null, atUs: call.startUs, what };
  });
  return evidenceLines(evidence, WIDTH);
}

function endOf({ result, error }: Call): string {
  if (result === 'ok') return 'and succeeded';
  if (result === 'open') return 'and had not ended';
  return `and failed${error ? `: ${oneLine(`${error.name}: ${error.message}`)}` : ''}`;
}

const LONGEST_MESSAGE = 100;

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

/** Refused attempts, each with what it was told. */
export function proofOfRefusals(refused: readonly Attempt[]): string[] {
  return evidenceLines(
    refused.slice(0, MOST_EVIDENCE).map((one) => evidenceOf(one, refusal(one))),
    WIDTH,
  );
}

function refusal({ deniedBy, retryAfterUs }: Attempt): string {
  const by = deniedBy === undefined ? '' : ` by ${deniedBy}`;
  return `refused${by}${retryAfterUs === undefined ? '' : `, told to wait ${formatDuration(retryAfterUs)}`}`;
}

function evidenceOf({ call, id, startUs }: Attempt, what: string): Evidence {
  return { call, attempt: id, atUs: startUs, what };
}

/** Those that made most attempts first. */
export function costliest(calls: readonly Call[]): Call[] {
  return calls.toSorted((a, b) => b.attempts.length - a.attempts.length || a.id - b.id);
}
