import type { KeySignals } from '../../../mock-server/similarity/signals.ts';
import { formatMetric, percent, round } from '../format.ts';
import { wrap } from './wrap.ts';

const NOTE =
  'This describes, and judges nothing: no provider publishes rules of this kind for API keys. Rotating keys or agents is ' +
  'itself visible: one address with many keys, one key with many agents.';

/** A block for each key along the four dimensions, in words; `width` in columns. */
export function fingerprintLines(signals: readonly KeySignals[], width: number): string[] {
  if (signals.length === 0) return ['The journal has no attempt with a key.'];
  return [...signals.flatMap((one) => [...keyLines(one), '']), ...wrap(NOTE, width)];
}

function keyLines(one: KeySignals): string[] {
  const { userAgents, userAgentChangesPer100: changed, withoutUserAgent } = one;
  return [
    `key ${one.key}: ${count(one.requests, 'request')}, at most ${one.peakPerMinute} in a minute`,
    `  address     ${count(one.ips, 'address')}, used by ${count(one.keysOnItsIps, 'key')}`,
    `  user agent  ${count(userAgents, 'agent')}, ${round(changed)} changes per 100 requests, ${withoutUserAgent} without one`,
    `  content     ${percent(one.samePrompt)} nearly repeat an earlier prompt, ${percent(one.sameTemplate)} its template`,
    ...timingLines(one),
  ];
}

function timingLines({ burstiness, shortGaps, commonestGapUs }: KeySignals): string[] {
  if (!burstiness) return ['  timing      too few requests to tell (20 gaps are needed)'];
  const { a, memory, gaps } = burstiness;
  return [
    `  timing      burstiness ${round(a)} over ${gaps} gaps: ${wordFor(a)}; memory ${round(memory)}`,
    `              ${percent(shortGaps)} of gaps below 50ms, the commonest is ${formatMetric(commonestGapUs)}`,
  ];
}

/** Bounds between the patterns of `limits.md` section 4. */
function wordFor(burstiness: number): string {
  if (burstiness < -0.7) return 'as regular as a clock';
  if (burstiness < -0.15) return 'more regular than chance';
  return burstiness < 0.15 ? 'like independent arrivals' : 'in bursts';
}

function count(number: number, noun: string): string {
  const plural = noun.endsWith('s') ? `${noun}es` : `${noun}s`;
  return `${number} ${number === 1 ? noun : plural}`;
}
