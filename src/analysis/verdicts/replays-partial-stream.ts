import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isAnswered } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/** A stream that broke after some of its text had been sent, and what the call did next. */
interface BrokenStream {
  readonly call: Call;
  readonly attempt: Attempt;
  readonly did: 'surfaced' | 'delivered' | 'discarded' | 'replayed' | 'resent';
  readonly chars: number;
  readonly output: number | undefined;
}

/**
 * Detects callers that receive the text of a broken stream twice (`backoff.md` 3.21). The length proves a replay: the caller's
 * text is as long as the partial texts and the complete reply together.
 */
export const replaysPartialStream = defineJudge({
  id: 'replays-partial-stream',
  question: 'Does the caller receive the text of a broken stream twice?',
  severity: 'error',
  decidedBy: 'instance',
  arrange: 'Set call.stream: true and add a fault (kind: truncate) after some tokens.',
  about: 'calls',
  needs: { caller: 'always' },
  unit: 'replays',
  settings: {},
  threshold: () => 'warn: resent with unknown output, fail: one replay',
  decide({ calls }) {
    const broken = calls.flatMap(findBrokenStreams);
    const n = broken.length;
    if (n === 0) return notApplicable('No stream broke after its first text.');
    const select = (did: BrokenStream['did']): BrokenStream[] => broken.filter((stream) => stream.did === did);
    const [replayed, unknown] = [select('replayed'), select('resent')];
    const surfaced = select('surfaced').length;
    const delivered = select('delivered').length;
    return {
      status: replayed.length > 0 ? 'fail' : unknown.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: replayed.length,
      evidence: [...replayed, ...unknown].map((stream) => proof(stream.attempt, describeBroken(stream))),
      reason:
        `${replayed.length} of ${n} broken streams reached the caller twice; ` +
        `${unknown.length} were resent with unknown output, ${select('discarded').length} restarted cleanly, ${surfaced} surfaced as errors` +
        (delivered === 0 ? '.' : `, ${delivered} were given as a success (see swallows-rejection).`),
      advice:
        'Retry a stream only before its first text; after that, pass on the error with the partial text. Return the text from the client so that this can be checked.',
    };
  },
});

function describeBroken({ did, output, chars }: BrokenStream): string {
  const broke = `broke after ${chars} characters`;
  if (did === 'replayed') return `${broke}, which are part of the ${output} that the caller received`;
  return `${broke} and was resent${output === undefined ? '' : `; the caller received ${output} characters`}`;
}

function findBrokenStreams(call: Call): BrokenStream[] {
  const { attempts, result, outputSize, fallback } = call;
  const last = attempts.at(-1);
  const completeChars = last && isAnswered(last) ? (last.answerChars ?? 0) : 0;
  const partialChars = attempts.reduce((sum, attempt) => sum + partialCharsOf(attempt), 0);
  return attempts.flatMap((attempt): BrokenStream[] => {
    const chars = partialCharsOf(attempt);
    if (chars === 0) return [];
    if (attempt !== last && result !== 'error') {
      const did = classifyOutput(outputSize, completeChars, partialChars);
      return [{ call, attempt, did, output: outputSize, chars }];
    }
    const isPassedOff = result === 'ok' && !fallback && chars < (attempt.answerChars ?? Infinity);
    return [{ call, attempt, did: isPassedOff ? 'delivered' : 'surfaced', output: undefined, chars }];
  });
}

/** Characters of a stream that broke, or reported an error, after its first text. */
function partialCharsOf(attempt: Attempt): number {
  const { sentChars = 0, stream, defect } = attempt;
  return stream && sentChars > 0 && defect !== 'content-type' && !isAnswered(attempt) ? sentChars : 0;
}

function classifyOutput(output: number | undefined, completeChars: number, partialChars: number): BrokenStream['did'] {
  if (output === completeChars) return 'discarded';
  return output === completeChars + partialChars ? 'replayed' : 'resent';
}
