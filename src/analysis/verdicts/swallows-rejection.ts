import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { endingOf, isAnswered, isRejected } from '../run/attempts.ts';
import { describeEnding } from '../run/describe-ending.ts';
import type { Call } from '../run/run-view.ts';

/**
 * Detects calls that are reported as a success although they have no answer (`backoff.md` 3.23): each attempt was refused, failed,
 * broke off or cannot be read, or the output is empty although the reply was not. One such call is proof, on any clock.
 */
export const swallowsRejection = defineJudge({
  id: 'swallows-rejection',
  question: 'Is a refused call, or a cut or unreadable reply, reported as a success?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Keep a limit closed or a fault active for longer than the client retries, so that calls fail.',
  about: 'calls',
  needs: { caller: 'always' },
  unit: 'calls',
  settings: {},
  threshold: () => 'fail > 0',
  decide(run) {
    const unanswered = run.calls.filter(
      ({ result, attempts }) => result !== 'open' && attempts.length > 0 && !attempts.some(isAnswered),
    );
    const emptied = run.calls.filter(isEmptied);
    const n = unanswered.length + emptied.length;
    if (n === 0) return notApplicable('Every call that ended was answered.');
    const swallowed = unanswered.filter((call) => call.result === 'ok' && !call.fallback && !isDelivered(call));
    const wrong = [...swallowed, ...emptied];
    return {
      status: wrong.length > 0 ? 'fail' : 'pass',
      n,
      needed: 1,
      figure: wrong.length,
      evidence: wrong.map((call) => proof(call.attempts.at(-1)!, describeCall(call))),
      reason:
        wrong.length === 0
          ? `${n} calls were never answered, and ${describeHonest(unanswered)}.`
          : `${wrong.length} of ${n} calls reported success without a whole answer: ${countEndings(wrong)}.`,
      advice: adviceFor(wrong),
    };
  },
});

/** Each reported an error, or had a reason not to. */
function describeHonest(unanswered: readonly Call[]): string {
  const failed = unanswered.filter(({ result }) => result === 'error').length;
  if (failed === unanswered.length) return 'each reported an error';
  return `${failed} reported an error, ${unanswered.length - failed} a substitute, or text that was whole or enough`;
}

/**
 * Whether a call may be a success without an answered attempt: all of the text reached the caller, as in a reply with the wrong
 * content type or a damaged event that can be skipped, or the client itself stopped reading a sound stream.
 */
function isDelivered({ attempts, outputSize }: Call): boolean {
  return attempts.some((attempt) => {
    const { answerChars = 0, defect, sentChars, stream } = attempt;
    const { kind, chars = 0, place } = endingOf(attempt);
    if (kind === 'abandoned') return stream && place === 'in-stream' && sentChars === undefined;
    if (defect !== undefined && defect !== 'error-body' && answerChars > 0 && outputSize === answerChars) return true;
    return answerChars > 0 && chars >= answerChars;
  });
}

/** The reply had text, but the caller received an empty one. */
function isEmptied({ result, outputSize, attempts, fallback }: Call): boolean {
  const last = attempts.at(-1);
  return (
    result === 'ok' &&
    outputSize === 0 &&
    !fallback &&
    last !== undefined &&
    isAnswered(last) &&
    (last.answerChars ?? 0) > 0
  );
}

/** What a call that reported a success had instead of an answer. */
function kindOf(call: Call): 'refused' | 'failed' | 'cut' | 'unreadable' | 'emptied' {
  const last = call.attempts.at(-1)!;
  if (isAnswered(last)) return 'emptied';
  if (isRejected(last)) return 'refused';
  const { kind, place, source } = endingOf(last);
  if (kind === 'unreadable') return 'unreadable';
  const hadReply = source === 'event' || (place !== undefined && place !== 'before-head');
  return hadReply ? 'cut' : 'failed';
}

const INSTEAD = {
  refused: 'were refused',
  failed: 'failed or got no reply',
  cut: 'had a cut reply',
  unreadable: 'had an error or unreadable text in a 200',
  emptied: 'dropped the text of the reply',
} as const;

function countEndings(wrong: readonly Call[]): string {
  return [...Map.groupBy(wrong, kindOf)].map(([kind, calls]) => `${calls.length} ${INSTEAD[kind]}`).join(', ');
}

function adviceFor(wrong: readonly Call[]): string {
  const kinds = new Set(wrong.map(kindOf));
  const isRead = !kinds.has('cut') && !kinds.has('unreadable');
  const read =
    'Throw unless the reply is whole: its JSON can be read and holds no error; a stream has its finish reason, or [DONE].';
  const refused = 'Throw when the last attempt was refused or failed; mark a substitute reply with fallback: true.';
  return isRead ? refused : kinds.has('refused') || kinds.has('failed') ? `${read} ${refused}` : read;
}

function describeCall({ attempts, outputSize }: Call): string {
  const last = attempts.at(-1)!;
  const got = outputSize === undefined ? '' : ` with ${outputSize === 0 ? 'no output' : `${outputSize} characters`}`;
  if (isAnswered(last)) return `the reply had ${last.answerChars} characters, but the caller received none`;
  const times = attempts.length === 1 ? 'its only attempt' : `all ${attempts.length} attempts`;
  return `${times} ended with ${describeEnding(last)}, but the call succeeded${got}`;
}
