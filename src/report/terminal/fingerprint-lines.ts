import type { KeySignals } from '../../../mock-server/similarity/signals.ts';
import { counted, formatMetric, percent, round } from '../format.ts';
import { wrap } from './wrap.ts';

const NOTE =
  'This output describes and does not judge: no provider publishes such rules for API keys. Rotating keys or user agents is ' +
  'visible too: one address with many keys, or one key with many agents.';

/** Returns a block per key with its four dimensions. `width` in columns. */
export function fingerprintLines(signals: readonly KeySignals[], width: number): string[] {
  if (signals.length === 0) return ['The journal has no attempt with a key.'];
  return [...signals.flatMap((key) => [...keyLines(key), '']), ...wrap(NOTE, width)];
}

function keyLines(signals: KeySignals): string[] {
  const { userAgents, userAgentChangesPer100: changed, withoutUserAgent } = signals;
  return [
    `key ${signals.key}: ${counted(signals.requests, 'request')}, at most ${signals.peakPerMinute} in a minute`,
    `  address     ${counted(signals.ips, 'address')}, used by ${counted(signals.keysOnItsIps, 'key')}`,
    `  user agent  ${counted(userAgents, 'agent')}, ${round(changed)} changes per 100 requests, ${withoutUserAgent} without one`,
    `  content     ${percent(signals.samePrompt)} nearly repeat an earlier prompt, ${percent(signals.sameTemplate)} its template`,
    ...timingLines(signals),
  ];
}

function timingLines({ burstiness, shortGaps, commonestGapUs }: KeySignals): string[] {
  if (!burstiness) return ['  timing      too few requests (needs 20 gaps)'];
  const { a, memory, gaps } = burstiness;
  return [
    `  timing      burstiness ${round(a)} over ${gaps} gaps: ${describeBurstiness(a)}; memory ${round(memory)}`,
    `              ${percent(shortGaps)} of gaps below 50ms, most common gap ${formatMetric(commonestGapUs)}`,
  ];
}

/** The bounds separate the patterns of `limits.md` section 4. */
function describeBurstiness(burstiness: number): string {
  if (burstiness < -0.7) return 'as regular as a clock';
  if (burstiness < -0.15) return 'more regular than chance';
  return burstiness < 0.15 ? 'like independent arrivals' : 'in bursts';
}
