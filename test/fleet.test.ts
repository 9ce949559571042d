import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type RunResult, run } from '../src/index.ts';

const play = (name: string): Promise<RunResult> =>
  run(fileURLToPath(new URL(`../scenarios/fleet/${name}.yaml`, import.meta.url)));
const find = ({ verdicts }: RunResult, id: string) => verdicts.find((verdict) => verdict.id === id);

/** First attempts per second in the minute after the bursts of the start are over. */
function sentPerSecond({ journal }: RunResult): number {
  const attempts = journal
    .filter((record) => record.type === 'attempt')
    .filter(({ retryCount = 0 }) => retryCount === 0);
  return attempts.filter(({ startUs }) => startUs >= 10e6 && startUs < 50e6).length / 40;
}

describe.concurrent('eight replicas at a quota of 5 requests a second', () => {
  it('a queue of 5/s in each sends 40/s: BerriAI/litellm#27736', async () => {
    const result = await play('scenario');
    expect(sentPerSecond(result)).toBeCloseTo(40, 0);
    expect(find(result, 'limit-per-process')).toMatchObject({ status: 'fail' });
    expect(find(result, 'limit-per-process')!.figure).toBeCloseTo(8, 1);
    expect(result.passed).toBe(false);
  });

  it('an eighth of the quota in each sends 5/s', async () => {
    const result = await play('mended');
    expect(sentPerSecond(result)).toBeLessThan(5.5);
    expect(find(result, 'limit-per-process')).toMatchObject({ status: 'pass' });
    expect(result.passed).toBe(true);
  });

  it('a rolling deploy from 30s on: each replica ends and begins once, and what was cut is no fault of the client', async () => {
    const result = await play('deploy');
    const changes = result.journal.filter((record) => record.type === 'replica');
    expect(changes.filter(({ change }) => change === 'start').map(({ replica }) => replica)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
    ]);
    expect(changes.reduce((sum, { cut = 0 }) => sum + cut, 0)).toBeGreaterThan(0);
    expect(find(result, 'restart-stampede')).toMatchObject({ status: 'pass' });
    expect(result.passed).toBe(true);
  });
});
