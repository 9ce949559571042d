import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { share } from '../judging/verdict-setting.ts';
import { callsThatMetFailure, findProviderRooms, hadRoom, isLost, providerOf } from '../ledger/shut-providers.ts';
import { describeEnding } from '../run/describe-ending.ts';

/** Detects calls that failed although a provider that they never asked had room: a spent quota too is a reason to ask another. */
export const noFailover = defineJudge({
  id: 'no-failover',
  question: 'Do calls fail although another provider has room?',
  severity: 'error',
  decidedBy: 'share',
  arrange: 'Set several providers, and add a fault or a small limit to one of them.',
  about: 'calls',
  needs: { limits: 'always', 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: {
    warn: share(0, 'warn above this share of the calls that met a failing provider'),
    fail: share(0.05, 'fail above this share of the calls that met a failing provider'),
  },
  threshold: ({ warn, fail }) =>
    `warn > ${warn * 100} %, fail > ${fail * 100} % of the calls that met a failing provider`,
  decide(run, { warn, fail }) {
    const { rooms } = findProviderRooms(run);
    if (!rooms) return notApplicable('There is one provider.');
    const met = callsThatMetFailure(run);
    const n = met.length;
    if (n === 0) return notApplicable('No provider refused or failed a request.');
    const lost = met
      .filter(({ call }) => isLost(call))
      .flatMap(({ call }) => {
        const last = call.attempts.at(-1)!;
        const asked = new Set(call.attempts.map(providerOf));
        const other = rooms.names.find((name) => !asked.has(name) && hadRoom(rooms, name, last.endUs));
        return other === undefined ? [] : [{ last, other }];
      });
    return {
      status: above(lost.length / n, warn, fail),
      n,
      needed: 1,
      figure: lost.length / n,
      evidence: lost.map(({ last, other }) =>
        proof(last, `${describeEnding(last)} at ${providerOf(last)}; ${other} had room and was not asked`),
      ),
      reason: `${lost.length} of ${n} calls that met a failing provider failed although another had room and was not asked.`,
      advice:
        'Fail over on every ending that another provider can mend: 429 and a spent quota as well as 5xx, resets and timeouts.',
    };
  },
});
