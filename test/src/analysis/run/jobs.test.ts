import { describe, expect, it } from 'vitest';
import { hasJobs, jobsOf } from '../../../../src/analysis/run/jobs.ts';
import { runOf, strip } from '../strip.ts';

/** The calls of each job by id, and how the job ended. */
function jobs(film: string): string[] {
  return jobsOf(runOf(strip(film))).map(
    ({ calls, attempts, result }) => `${calls.map(({ id }) => id).join('+')} ${result}, ${attempts.length} attempts`,
  );
}

describe('jobs', () => {
  it('a call without a name is a job of its own', () => {
    expect(jobs('a.1 0-10 429\na.2 500-510 200\nb.1 600-610 500')).toEqual(['1 ok, 2 attempts', '2 error, 1 attempts']);
    expect(hasJobs(runOf(strip('a.1 0-10 429\na.2 500-510 200')))).toBe(false);
  });

  it.each([
    ['the scenario or the result names it', '=> a error job=x\n=> b error job=x\n=> c ok job=x', ''],
    ['a header names it', '', ' job=x'],
    ['the idempotency key is sent again', '', ' key=k1'],
  ])('calls of one job are joined: %s', (_name, endings, mark) => {
    // A scheduler tries again at 30 s and, after a restart, at 60 s.
    const film = `a.1 0-10 503${mark}\nb.1 30000-30010 503${mark}\nc.1 60000-60010 200${mark}\n${endings}`;
    expect(jobs(film)).toEqual(['1+2+3 ok, 3 attempts']);
    expect(hasJobs(runOf(strip(film)))).toBe(true);
  });

  it('a success ends a job: its name then stands for new work', () => {
    expect(jobs('a.1 0-10 503 job=x\nb.1 100-110 200 job=x\nc.1 200-210 503 job=x\nd.1 300-310 503 job=x')).toEqual([
      '1+2 ok, 2 attempts',
      '3+4 error, 2 attempts',
    ]);
  });

  it('calls at the same time with one constant key are not one job, with one name they are', () => {
    expect(jobs('a.1 0-100 503 key=same\nb.1 50-150 503 key=same')).toHaveLength(2);
    expect(jobs('a.1 0-100 503 job=x\nb.1 50-150 503 job=x')).toEqual(['1+2 error, 2 attempts']);
  });

  it('a job with an open call is open', () => {
    expect(jobs('a.1 0-10 503 job=x\nb.1 100-110 503 job=x\n=> b open')).toEqual(['1+2 open, 2 attempts']);
  });
});
