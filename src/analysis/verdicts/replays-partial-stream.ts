import { defineJudge, neverArose, proof } from '../judging/define-judge.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/** What a call did with a stream that broke after some of its text had been sent. */
interface Broken {
  readonly call: Call;
  readonly attempt: Attempt;
  readonly did: 'surfaced' | 'discarded' | 'replayed' | 'sent again';
  readonly output: number | undefined;
}

/**
 * After a stream broke midway, was its text sent twice? (`backoff.md` 3.21.) A replay is proved by length: what the caller
 * got is as long as the piece that had come and the whole of the next answer together.
 */
export const replaysPartialStream = defineJudge({
  id: 'replays-partial-stream',
  question: 'Does a stream that broke reach the caller twice?',
  severity: 'error',
  about: 'calls',
  unit: 'replays',
  settings: {},
  threshold: () => 'warn: sent again and nobody knows what the caller got, fail: one replay',
  decide({ calls }) {
    const broken = calls.flatMap(brokenIn);
    const n = broken.length;
    if (n === 0) return neverArose('No stream broke after its first words.');
    const of = (did: Broken['did']): Broken[] => broken.filter((one) => one.did === did);
    const [replayed, unknown] = [of('replayed'), of('sent again')];
    const surfaced = of('surfaced').length;
    return {
      status: replayed.length > 0 ? 'fail' : unknown.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: replayed.length,
      evidence: [...replayed, ...unknown].map((one) => proof(one.attempt, whatOf(one))),
      reason:
        `Of ${n} streams that broke after their first words, ${replayed.length} reached the caller twice, ` +
        `${unknown.length} were sent again with what became of it unknown, ${of('discarded').length} were begun anew, ${surfaced} were reported.`,
      advice:
        'Retry a stream only before its first words; after them, pass the error on with what has come (return the text from the client to let this be seen).',
    };
  },
});

function whatOf({ attempt, did, output }: Broken): string {
  const broke = `broke after ${attempt.sentChars} characters`;
  if (did === 'replayed') return `${broke}, which are in the ${output} that the caller got`;
  return `${broke} and was sent again${output === undefined ? '' : `; the caller got ${output} characters`}`;
}

function brokenIn(call: Call): Broken[] {
  const { attempts, result, outputSize } = call;
  const last = attempts.at(-1);
  const whole = last?.sentChars === undefined ? (last?.answerChars ?? 0) : 0;
  const pieces = attempts.reduce((sum, { sentChars = 0 }) => sum + sentChars, 0);
  return attempts.flatMap((attempt): Broken[] => {
    if (attempt.sentChars === undefined || attempt.sentChars === 0) return [];
    const again = attempt !== last;
    const did = !again || result === 'error' ? 'surfaced' : readBy(outputSize, whole, pieces);
    return [{ call, attempt, did, output: again ? outputSize : undefined }];
  });
}

function readBy(output: number | undefined, whole: number, pieces: number): Broken['did'] {
  if (output === whole) return 'discarded';
  return output === whole + pieces ? 'replayed' : 'sent again';
}
