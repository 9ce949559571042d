import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { countRounds, findFallback, inferRounds, type Rounds } from '../judging/retry-rounds.ts';
import { toleranceUs } from '../judging/tolerance.ts';
import { type Judgement, MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration } from '../judging/verdict-setting.ts';
import { type Job, jobsOf } from '../run/jobs.ts';
import type { Run } from '../run/run-view.ts';
import { largest } from '../statistics/extremes.ts';

const ADVICE = "Retry in one place: set the SDK's maxRetries to 0, or remove the loop around it.";

/**
 * Detects two retry layers that multiply (`backoff.md` 3.12). An SDK that sends its retry count in a header restarts at 0 when
 * an outer layer calls it again, and a job has calls of its own for that; without either, the waits show the rounds.
 */
export const layeredRetries = defineJudge({
  id: 'layered-retries',
  question: 'Do two layers of retries multiply?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Keep a fault active or a limit closed until calls fail.',
  about: 'calls',
  needs: { bodies: 'to-decide', 'inner-attempts': 'to-decide' },
  unit: 'attempts in one call',
  settings: { deliberate: duration(60_000_000, 'a restart after a longer pause counts as deliberate') },
  threshold: () =>
    'fail ≥ 2 layers by the SDK retry count, the job or repeated waits; warn by the pattern of jittered waits',
  decide(run, { deliberate }) {
    const counted = jobsOf(run).filter(hasKnownRounds);
    const n = counted.length;
    if (n === 0) return judgeByWaits(run);
    const layered = counted.flatMap((job) => countRounds(job, deliberate) ?? []);
    if (layered.length > 0)
      return { status: 'fail', n, needed: 1, ...summarize(layered, n, "restarted the SDK's retries") };
    const reason = `0 of ${n} retried calls restarted the SDK's retries.`;
    return { status: 'pass', n, needed: 1, figure: 1, reason };
  },
});

/** Whether a job shows its rounds: by the SDK's retry count of every attempt, or by its calls. */
function hasKnownRounds({ calls, attempts }: Job): boolean {
  return attempts.length > 1 && (calls.length > 1 || attempts.every(({ retryCount }) => retryCount !== undefined));
}

function summarize(
  layered: readonly Rounds[],
  judged: number,
  did: string,
): Pick<Judgement, 'figure' | 'evidence' | 'reason' | 'advice'> {
  const worst = layered.reduce((most, one) => (one.inner * one.outer > most.inner * most.outer ? one : most));
  return {
    figure: worst.job.attempts.length,
    evidence: layered
      .slice(0, MAX_EVIDENCE)
      .map(({ again, inner, outer }) => proof(again, `starts over: ${outer} rounds of up to ${inner} attempts`)),
    reason: `${layered.length} of ${judged} retried calls ${did}: up to ${worst.outer} rounds of ${worst.inner} attempts.`,
    advice: ADVICE,
  };
}

/** Attempts in which two rounds can show. */
const MIN_ATTEMPTS = 4;
/** Calls whose waits must repeat where timers are not exact. */
const REPEATING_NEEDED = 3;
/** Waits on a machine are equal within this share. */
const WALL_TOLERANCE = 0.05;
/** Jittered calls that drop at the same attempt: chance does it to fewer; from so many on, a second layer is likely. */
const FALLING_SEEN = 5;
const FALLING_NEEDED = 10;
const IN_STEP = 0.8;

/** Without counts and jobs: waits that come again in rounds, or jittered waits that grow and then all drop at the same attempt. */
function judgeByWaits(run: Run): Judgement {
  const long = jobsOf(run).filter(({ attempts }) => attempts.length >= MIN_ATTEMPTS);
  const n = long.length;
  if (n === 0) return notApplicable('No call made enough attempts to distinguish two layers.');
  const tauUs = toleranceUs(run);
  const exact = isExact(run);
  const repeating = long.flatMap((job) => inferRounds(job, tauUs, exact ? 0 : WALL_TOLERANCE) ?? []);
  const enough = exact ? 1 : REPEATING_NEEDED;
  if (repeating.length >= enough && repeating.length >= IN_STEP * n) {
    return { status: 'fail', n, needed: enough, ...summarize(repeating, n, 'made the same waits again') };
  }
  return judgeByFallback(
    long.filter(({ result }) => result === 'error'),
    n,
  );
}

/** Looks for failed calls whose waits grow and then all drop at the same attempt. */
function judgeByFallback(failed: readonly Job[], judged: number): Judgement {
  const n = failed.length;
  const falling = failed.map((job) => ({ job, at: findFallback(job) }));
  const places = Map.groupBy(falling, ({ at }) => at);
  places.delete(undefined);
  const [common] = [...places].sort(([, a], [, b]) => b.length - a.length);
  const together = common?.[1] ?? [];
  if (together.length < FALLING_SEEN || together.length / n < IN_STEP) {
    return { status: 'pass', n: judged, needed: 1, figure: 1, reason: `The waits of ${judged} calls show no rounds.` };
  }
  const found = `${together.length} of ${n} failed calls have waits that grow, then drop at attempt ${common![0]! + 1}`;
  const figure = largest(together.map(({ job }) => job.attempts.length));
  if (n < FALLING_NEEDED) {
    const reason = `${found}; chance may do that to fewer than ${FALLING_NEEDED} calls with jitter.`;
    return { ...inconclusive(n, FALLING_NEEDED, reason, 'Keep a limit closed for longer, or use more load.'), figure };
  }
  return {
    status: 'warn',
    n,
    needed: FALLING_NEEDED,
    figure,
    evidence: together
      .slice(0, MAX_EVIDENCE)
      .map(({ job, at }) => proof(job.attempts[at!]!, 'the wait grew, then dropped to half or less')),
    reason: `${found}: probably a second retry layer.`,
    advice: ADVICE,
  };
}
