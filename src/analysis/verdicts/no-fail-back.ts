import { formatDuration } from '../../../mock-server/duration.ts';
import { formatMetric } from '../format.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { duration } from '../judging/verdict-setting.ts';
import { findProviderRooms, mayFailOver, type ProviderRooms, providerOf } from '../ledger/shut-providers.ts';
import type { Attempt, Run } from '../run/run-view.ts';

/** A provider that was up again, and the first attempt there after that. */
interface Return {
  readonly provider: string;
  readonly upUs: number;
  readonly lastFailed: Attempt;
  readonly back: Attempt | undefined;
  /** How long it was left alone, up to the end of the run. */
  readonly leftUs: number;
}

/** A shorter closure needs no cool-down. */
const MIN_SHUT_US = 10_000_000;

/** Measures how long after it is up again the preferred provider, that of the run's first attempt, is asked. */
export const noFailBack = defineJudge({
  id: 'no-fail-back',
  question: 'Is the first provider asked again once it is up?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set several providers, add a fault of 10 s or more to the first, and run 2 minutes longer.',
  about: 'calls',
  needs: { limits: 'always', 'inner-attempts': 'to-decide' },
  unit: 's to fail back',
  settings: {
    warn: duration(30_000_000, 'warn when it is left alone for longer after it is up'),
    fail: duration(60_000_000, 'fail when it is left alone for longer after it is up'),
  },
  threshold: ({ warn, fail }) => `warn > ${formatDuration(warn)}, fail > ${formatDuration(fail)}`,
  decide(run, { warn, fail }) {
    const { rooms } = findProviderRooms(run);
    if (!rooms) return notApplicable('There is one provider.');
    const returns = findReturns(run, rooms);
    if (returns.length === 0) return notApplicable('The first provider was not shut for 10 s or longer and up again.');
    const n = returns.length;
    const worst = returns.reduce((most, one) => (one.leftUs > most.leftUs ? one : most));
    const { provider, back, leftUs, upUs } = worst;
    if (!back && leftUs <= fail) {
      const reason = `${provider} was up again ${formatMetric(leftUs)} before the run ended, and was not asked.`;
      return inconclusive(0, 1, reason, 'Run longer after the fault.');
    }
    const asked = back
      ? `was asked again ${formatMetric(leftUs)} after`
      : `was not asked in the ${formatMetric(leftUs)} after`;
    return {
      status: above(leftUs, warn, fail),
      n,
      needed: 1,
      figure: leftUs / 1e6,
      evidence: [proof(back ?? worst.lastFailed, `${provider} was up at ${formatMetric(upUs)} and ${asked} that`)],
      reason: `${provider} ${asked} it was up again, at ${formatMetric(upUs)}.`,
      advice: 'Let one probe try the first provider every 10 to 30 s, and go back at its first answer, in steps.',
    };
  },
});

function findReturns(run: Run, rooms: ProviderRooms): Return[] {
  const [first] = run.attempts;
  if (!first) return [];
  const preferred = providerOf(first);
  const own = run.attempts.filter((attempt) => providerOf(attempt) === preferred);
  const byUp = new Map<number, Attempt>();
  for (const attempt of own) {
    if (!mayFailOver(attempt)) continue;
    const upUs = rooms.roomAt(preferred, attempt).firstOpenUs(attempt.startUs, run.endUs);
    if (upUs === undefined) continue;
    const told = byUp.get(upUs);
    if (told || upUs - attempt.startUs >= MIN_SHUT_US) byUp.set(upUs, attempt);
  }
  return [...byUp].flatMap(([upUs, lastFailed]): Return[] => {
    const back = own.find(({ startUs }) => startUs >= upUs);
    // Without calls nobody could go back.
    const due = run.calls.find(({ startUs, endUs }) => startUs >= upUs || endUs > upUs);
    if (!due) return [];
    const leftUs = (back?.startUs ?? run.endUs) - Math.max(upUs, due.startUs);
    return [{ provider: preferred, upUs, lastFailed, back, leftUs }];
  });
}
