import { round } from '../format.ts';
import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { share } from '../judging/verdict-setting.ts';
import { findCapacities } from '../ledger/capacities.ts';
import { findProviderRooms, hadRoom, isLost, type ProviderRooms, providerOf } from '../ledger/shut-providers.ts';
import { isRejected } from '../run/attempts.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';

/**
 * Detects calls that were lost at a fallback whose own quota is too small for the whole load: refused there while every other
 * provider was shut.
 */
export const overrunsFallback = defineJudge({
  id: 'overruns-fallback',
  question: 'Does the whole load overrun the quota of the fallback?',
  severity: 'error',
  decidedBy: 'share',
  arrange: 'Set several providers, add a fault to the first, and give the second a limit below the load.',
  about: 'calls',
  needs: { limits: 'always', 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: {
    warn: share(0.01, 'warn above this share of the calls that asked a fallback'),
    fail: share(0.1, 'fail above this share of the calls that asked a fallback'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn * 100} %, fail > ${fail * 100} % of the calls that asked a fallback`,
  decide(run, { warn, fail }) {
    const { rooms } = findProviderRooms(run);
    if (!rooms) return notApplicable('There is one provider.');
    const asked = run.calls.flatMap((call) => {
      const own = call.attempts.filter((attempt) => isAtFallback(attempt, rooms, run));
      return own.length === 0 || call.result === 'open' ? [] : [{ call, refused: own.findLast(isRejected) }];
    });
    const n = asked.length;
    if (n === 0) return notApplicable('No call asked a fallback while the other providers were shut.');
    const lost = asked.flatMap(({ call, refused }) => (refused && isLost(call) ? [{ call, refused }] : []));
    return {
      status: above(lost.length / n, warn, fail),
      n,
      needed: 1,
      figure: lost.length / n,
      evidence: lost.map(({ refused }) => proof(refused, `refused at ${providerOf(refused)}, and the call failed`)),
      reason: `${lost.length} of ${n} calls that asked a fallback were refused there and failed${quotaNote(run, lost)}.`,
      advice:
        'Queue calls for the fallback at the rate of its own quota, let the urgent ones through first, and refuse the rest early; size its quota for the whole load if nothing may be lost.',
    };
  },
});

/** An attempt at one provider while all others were shut; the first of the run shows which is preferred. */
function isAtFallback(attempt: Attempt, rooms: ProviderRooms, { attempts }: Run): boolean {
  const own = providerOf(attempt);
  if (own === providerOf(attempts[0]!)) return false;
  return rooms.names.every((name) => name === own || !hadRoom(rooms, name, attempt.startUs));
}

function quotaNote(run: Run, lost: readonly { readonly call: Call; readonly refused: Attempt }[]): string {
  const [first] = lost;
  const capacity = first && findCapacities(run).find(({ provider }) => provider === providerOf(first.refused));
  if (!capacity?.limit) return '';
  return `; limit ${capacity.limit} admits ${round(capacity.perSecond)}/s`;
}
