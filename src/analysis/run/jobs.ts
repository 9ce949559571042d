import { memoizeByRun } from './memoize-by-run.ts';
import type { Attempt, Call, Run } from './run-view.ts';

/** Work that a caller wants done once: the calls that were made for it, until one of them succeeded. */
export interface Job {
  /** The name that the scenario or the client gave it; undefined for a call that is a job of its own. */
  readonly name?: string;
  /** In order of start; at least one. */
  readonly calls: readonly Call[];
  /** All attempts of its calls, in order of start. */
  readonly attempts: readonly Attempt[];
  /** `ok` if its last call succeeded. */
  readonly result: Call['result'];
  /** Start of its first call and end of its last. */
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * Returns the jobs of a run in order of start. Calls belong together if they have the same `job`, if their requests name the same
 * one in `x-quotalab-job`, or if a call sends an idempotency key of an earlier call that had ended without success. A success
 * ends a job: calls with its name that start later are new work. Restarts of a client do not end it. Other calls are jobs of
 * their own.
 */
export const jobsOf = memoizeByRun((run): readonly Job[] => {
  const latest = new Map<string, OpenJob>();
  const jobs: OpenJob[] = [];
  for (const call of run.calls) {
    const labels = labelsOf(call);
    let job = labels.map((label) => latest.get(label)).find((one) => one && continues(one, call));
    if (!job) {
      job = { name: nameOf(call), calls: [], answeredUs: Infinity, endUs: 0, allFailed: true };
      jobs.push(job);
    }
    job.calls.push(call);
    job.endUs = Math.max(job.endUs, call.endUs);
    if (call.result === 'ok') job.answeredUs = Math.min(job.answeredUs, call.endUs);
    if (call.result !== 'error') job.allFailed = false;
    for (const label of labels) latest.set(label, job);
  }
  return jobs.map(toJob);
});

/** A job whose calls are being collected. */
interface OpenJob {
  readonly name: string | undefined;
  readonly calls: Call[];
  /** When its first call succeeded. */
  answeredUs: number;
  endUs: number;
  allFailed: boolean;
}

/** Returns whether a call is another try of a job. Calls that share nothing but a key must follow each other. */
function continues({ name, answeredUs, endUs, allFailed }: OpenJob, next: Call): boolean {
  if (answeredUs <= next.startUs) return false;
  return name !== undefined || (allFailed && endUs <= next.startUs);
}

/** Returns whether some of a run's jobs have several calls, so that verdicts have to look at jobs. */
export function hasJobs(run: Run): boolean {
  return jobsOf(run).some(({ calls }) => calls.length > 1);
}

function nameOf({ job, attempts }: Call): string | undefined {
  return job ?? attempts.find((attempt) => attempt.job !== undefined)?.job;
}

/** What may join a call to others: the name of its job, or else its idempotency keys. */
function labelsOf(call: Call): string[] {
  const name = nameOf(call);
  if (name !== undefined) return [`job ${name}`];
  const keys = call.attempts.flatMap(({ key = '', idempotencyKey }) =>
    idempotencyKey === undefined ? [] : [`key ${key} ${idempotencyKey}`],
  );
  return [...new Set(keys)];
}

function toJob({ name, calls, endUs }: OpenJob): Job {
  const attempts = calls.flatMap((call) => call.attempts).sort((a, b) => a.startUs - b.startUs || a.id - b.id);
  const has = (result: Call['result']): boolean => calls.some((call) => call.result === result);
  return {
    ...(name !== undefined && { name }),
    calls,
    attempts,
    result: has('ok') ? 'ok' : has('open') ? 'open' : 'error',
    startUs: calls[0]!.startUs,
    endUs,
  };
}
