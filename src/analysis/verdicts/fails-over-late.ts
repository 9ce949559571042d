import { formatDuration } from '../../../mock-server/duration.ts';
import { formatMetric } from '../format.ts';
import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { duration } from '../judging/verdict-setting.ts';
import { callsThatMetFailure, findProviderRooms, type ProviderRooms, providerOf } from '../ledger/shut-providers.ts';
import { isAnswered } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';
import { largest } from '../statistics/extremes.ts';
import { ascending, percentile } from '../statistics/percentile.ts';
import { topBy } from '../statistics/top-by.ts';

/** A call that met a failing provider, and how long it kept to that one while another had room. */
interface Stay {
  readonly failed: Attempt;
  readonly next: Attempt;
  readonly lateUs: number;
}

/**
 * Measures how long calls keep to a provider that fails while another has room: from the start of their first failed attempt, so
 * that silence counts, to their first attempt elsewhere, or to the one that was answered.
 */
export const failsOverLate = defineJudge({
  id: 'fails-over-late',
  question: 'How long does a call wait before it asks another provider?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set several providers, and add a fault to one of them.',
  about: 'calls',
  needs: { limits: 'always', 'inner-attempts': 'to-decide' },
  unit: 's at the 95th percentile',
  settings: {
    warn: duration(2_000_000, 'warn when 5 % of the calls wait longer'),
    fail: duration(10_000_000, 'fail when 5 % of the calls wait longer'),
  },
  threshold: ({ warn, fail }) =>
    `warn > ${formatDuration(warn)}, fail > ${formatDuration(fail)} at the 95th percentile`,
  decide(run, { warn, fail }) {
    const { rooms } = findProviderRooms(run);
    if (!rooms) return notApplicable('There is one provider.');
    const stays = callsThatMetFailure(run).flatMap(({ call, failed }) => stayOf(call, failed, rooms));
    const n = stays.length;
    if (n === 0) return notApplicable('No call that met a failing provider asked again.');
    const p95Us = percentile(ascending(stays.map(({ lateUs }) => lateUs)), 95);
    const longest = largest(stays.map(({ lateUs }) => lateUs));
    return {
      status: above(p95Us, warn, fail),
      n,
      needed: 1,
      figure: p95Us / 1e6,
      evidence: topBy(stays, ({ lateUs }) => lateUs, MAX_EVIDENCE).map(({ failed, next, lateUs }) =>
        proof(next, `kept to ${providerOf(failed)} for ${formatMetric(lateUs)} while another provider had room`),
      ),
      reason:
        `${n} calls kept to a failing provider while another had room: 95 % of them up to ${formatMetric(p95Us)}, ` +
        `the longest ${formatMetric(longest)}.`,
      advice:
        'Ask the next provider after the first failure, and set a timeout on the first token; retry at the last provider only.',
    };
  },
});

function stayOf(call: Call, failed: Attempt, rooms: ProviderRooms): Stay[] {
  const own = providerOf(failed);
  const next = call.attempts.find(
    (attempt) => attempt.number > failed.number && (providerOf(attempt) !== own || isAnswered(attempt)),
  );
  if (!next) return [];
  const openUs = rooms.names
    .filter((name) => name !== own)
    .map((name) => rooms.roomAt(name).openUs(failed.startUs, next.startUs));
  return [{ failed, next, lateUs: largest(openUs) }];
}
