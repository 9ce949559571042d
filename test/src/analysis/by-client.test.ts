import { describe, expect, it } from 'vitest';
import { computeFleetFigures } from '../../../src/analysis/by-client.ts';
import type { Attempt, Call, Run } from '../../../src/analysis/run/run-view.ts';

const S = 1_000_000;
const LIMIT = {
  name: 'requests',
  spec: { algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } },
};

/** A call of one attempt that is let in after a wait, refused, or cut. */
function call(id: number, client: string, end: 'ok' | 'error' | 'open', startUs: number, waitUs = 0): Call {
  const [name, replica] = client.split('/');
  const attempt = {
    id,
    call: id,
    number: 1,
    startUs: startUs + waitUs,
    endUs: startUs + waitUs + 100,
    status: end === 'error' ? 429 : 200,
    outcome: 'response',
    replica: client,
    ...(end === 'error' && { deniedBy: 'requests' }),
    limits: [{ limit: 'requests', bucket: 'requests', unit: 'requests', cost: 1, admit: end !== 'error', before: 1 }],
  } as unknown as Attempt;
  const who = { client: name, ...(replica && { replica: client }) };
  const times = { scheduledUs: startUs, startUs, endUs: startUs + waitUs + 100 };
  return {
    type: 'call',
    id,
    vu: 1,
    iteration: 1,
    load: '',
    result: end,
    attempts: [attempt],
    ...times,
    ...who,
  } as Call;
}

function runOf(calls: readonly Call[], replicas: Run['replicas'] = []): Run {
  const client = { written: './c.ts' };
  const scenario = {
    provider: { limits: [LIMIT], keys: [] },
    client,
    clientName: 'chat',
    otherClients: [{ name: 'batch', settings: client }],
    load: [],
  };
  const attempts = calls.flatMap((one) => one.attempts);
  return { header: { scenario }, calls, attempts, replicas, dropped: [], seconds: [], endUs: 60 * S } as unknown as Run;
}

describe('clients side by side', () => {
  it('batch took 83 % of the limit while chat waited', () => {
    const batch = [1, 2, 3, 4, 5].map((id) => call(id, 'batch/1', 'ok', id * S));
    const run = runOf([...batch, call(6, 'chat/1', 'ok', S, 12 * S), call(7, 'chat/2', 'error', S)]);
    const fleet = computeFleetFigures(run)!;
    expect(fleet.imbalance).toBe(
      'batch took 83 % of limit requests while chat waited 12s (p95) and lost 1 of 2 calls.',
    );
    expect(fleet.clients.map(({ name, share, refused }) => [name, share!.toFixed(2), refused])).toEqual([
      ['chat', '0.17', 1],
      ['batch', '0.83', 0],
    ]);
    expect(fleet.clients[0]!.replicas.map(({ name, failed }) => [name, failed])).toEqual([
      ['chat/1', 0],
      ['chat/2', 1],
    ]);
  });

  it('says nothing if the one that took most is worse off', () => {
    const batch = [1, 2, 3].map((id) => call(id, 'batch/1', 'ok', id * S, 3 * S));
    const refused = call(4, 'batch/1', 'error', S);
    expect(computeFleetFigures(runOf([...batch, refused, call(5, 'chat/1', 'ok', S, 2 * S)]))!.imbalance).toBeNull();
  });

  it('counts calls that a restart cut apart from those that were open at the end', () => {
    const open = { ...call(2, 'chat/1', 'open', S), endUs: 60 * S };
    const stop = {
      type: 'replica',
      replica: 'chat/1',
      atUs: S + 100,
      change: 'stop',
      reason: 'restart',
      cut: 1,
    } as const;
    const { clients } = computeFleetFigures(runOf([call(1, 'chat/1', 'open', S), open], [stop]))!;
    expect(clients[0]).toMatchObject({ cut: 1, unfinished: 1, restarts: 1, failed: 0 });
  });
});
