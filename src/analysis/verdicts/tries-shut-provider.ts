import { defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { duration, number } from '../judging/verdict-setting.ts';
import {
  findProviderRooms,
  hadRoom,
  mayFailOver,
  otherWithRoom,
  type ProviderRooms,
  providerOf,
} from '../ledger/shut-providers.ts';
import type { Attempt, Run } from '../run/run-view.ts';

/** An attempt at a provider that had been shut since an earlier attempt there failed. */
interface Vain {
  readonly attempt: Attempt;
  readonly other: string;
}

/** One spell in which a provider was shut, as one process saw it. */
interface Spell {
  readonly toldUs: number;
  failures: number;
  lastProbeUs: number;
}

/**
 * Counts attempts at a provider that is known to be shut while another has room. Some failures come before a breaker opens, and a
 * probe now and then must find out whether it is up again: neither is counted. Each replica learns for itself.
 */
export const triesShutProvider = defineJudge({
  id: 'tries-shut-provider',
  question: 'Does it keep asking a provider that is shut?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Set several providers, and add a fault of 30 s or more to the first.',
  about: 'calls',
  needs: { limits: 'always', 'inner-attempts': 'to-pass' },
  unit: 'attempts in vain',
  settings: {
    failures: number(3, 'failed attempts before a client must know'),
    probe: duration(10_000_000, 'one attempt in this time is a probe'),
    fail: number(10, 'fail from this many attempts in vain; fewer warn'),
  },
  threshold: ({ fail }) => `warn > 0, fail ≥ ${fail}`,
  decide(run, { failures, probe, fail }) {
    const { rooms } = findProviderRooms(run);
    if (!rooms) return notApplicable('There is one provider.');
    const { vain, n } = findVain(run, rooms, failures, probe);
    if (n === 0) return notApplicable('No provider was shut while another had room.');
    const calls = new Set(vain.map(({ attempt }) => attempt.call)).size;
    return {
      status: vain.length >= fail ? 'fail' : vain.length > 0 ? 'warn' : 'pass',
      n,
      needed: 1,
      figure: vain.length,
      evidence: vain.map(({ attempt, other }) =>
        proof(attempt, `${providerOf(attempt)} was known to be shut; ${other} had room`),
      ),
      reason:
        `${vain.length} of ${n} attempts at a provider that was shut were in vain` +
        (vain.length === 0
          ? '.'
          : `, in ${calls} ${calls === 1 ? 'call' : 'calls'}: it was known, and another had room.`),
      advice:
        'Keep a cool-down (or a breaker) per provider that all calls of a process share: after a few failures ask the next one first, and let a single probe try the shut one.',
    };
  },
});

function findVain(
  run: Run,
  rooms: ProviderRooms,
  failures: number,
  probeUs: number,
): { readonly vain: readonly Vain[]; readonly n: number } {
  const replicas = new Map(run.calls.map(({ id, client = '', replica = '' }) => [id, `${client}/${replica}`]));
  const spells = new Map<string, Spell>();
  const vain: Vain[] = [];
  let n = 0;
  for (const attempt of run.attempts) {
    const provider = providerOf(attempt);
    if (!mayFailOver(attempt) || hadRoom(rooms, provider, attempt.startUs, attempt)) continue;
    const other = otherWithRoom(rooms, provider, attempt.startUs);
    if (other === undefined) continue;
    n++;
    const key = `${replicas.get(attempt.call ?? -1)} ${provider}`;
    const spell = spells.get(key);
    const isSame = spell && rooms.roomAt(provider, attempt).firstOpenUs(spell.toldUs, attempt.startUs) === undefined;
    if (!isSame) {
      spells.set(key, { toldUs: attempt.startUs, failures: 1, lastProbeUs: attempt.startUs });
    } else if (++spell.failures > failures) {
      if (attempt.startUs - spell.lastProbeUs < probeUs) vain.push({ attempt, other });
      else spell.lastProbeUs = attempt.startUs;
    }
  }
  return { vain, n };
}
