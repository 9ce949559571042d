import type { Rate } from '../../../mock-server/quantity.ts';
import { floorDiv, least, type Model } from './model.ts';

interface NginxSettings {
  readonly rate: Rate;
  readonly burst: number;
  readonly delay: 'nodelay' | number;
  readonly initial?: number;
}

/**
 * nginx `limit_req`, as its C code counts: thousandths of a request and whole milliseconds, a new key free. How many are left
 * is found out by sending.
 */
export function nginxModel({ rate, burst, delay, initial = burst + 1 }: NginxSettings, startUs: bigint): Model {
  const perSecond = (BigInt(rate.amount) * 1_000_000_000n) / BigInt(rate.periodUs);
  const brim = BigInt(burst) * 1000n;
  // Only what is used up at first makes a key known.
  let excess = initial < burst + 1 ? BigInt(burst - initial) * 1000n : undefined;
  let lastMs = floorDiv(startUs, 1000n);
  const passedMs = (atUs: bigint): bigint => {
    const ms = floorDiv(atUs, 1000n) - lastMs;
    if (ms < -60_000n) return 1n;
    return ms < 0n ? 0n : ms;
  };
  const excessAfter = (atUs: bigint): bigint => {
    if (excess === undefined) return 0n;
    const after = excess - (perSecond * passedMs(atUs)) / 1000n + 1000n;
    return after < 0n ? 0n : after;
  };
  const left = (atUs: bigint): bigint => {
    let count = 0n;
    for (let after = excessAfter(atUs); after <= brim; after += 1000n) count++;
    return count;
  };
  return {
    capacity: BigInt(burst) + 1n,
    partsPerUnit: 1n,
    clamp: (atUs) => atUs,
    left,
    isOver: (atUs) => left(atUs) > BigInt(burst),
    // nginx charges no refusals; ours, where it is told to, by one more burst at most.
    charge(atUs, cost) {
      for (let sent = 0n; sent < cost; sent++) {
        excess = least(excessAfter(atUs), 2n * brim + 1000n);
        if (passedMs(atUs) > 0n) lastMs = floorDiv(atUs, 1000n);
      }
    },
    delayUs(atUs, cost) {
      if (delay === 'nodelay') return 0n;
      const above = excessAfter(atUs) + (cost - 1n) * 1000n - BigInt(delay) * 1000n;
      return above > 0n ? ((above * 1000n) / perSecond) * 1000n : 0n;
    },
  };
}

interface QueueSettings {
  readonly initial?: number;
  readonly intervalUs: number;
  readonly maxQueue: number;
}

/** A queue: each request leaves an interval after the one before it, and none may wait longer than a full queue takes. */
export function queueModel({ intervalUs, maxQueue, initial = maxQueue + 1 }: QueueSettings, startUs: bigint): Model {
  const interval = BigInt(intervalUs);
  const longestUs = BigInt(maxQueue) * interval;
  let latestUs = startUs;
  let nextUs = startUs + BigInt(maxQueue + 1 - initial) * interval;
  const waitUs = (atUs: bigint): bigint => (nextUs > atUs ? nextUs - atUs : 0n);
  const clamp = (atUs: bigint): bigint => (atUs > latestUs ? atUs : latestUs);
  return {
    capacity: BigInt(maxQueue) + 1n,
    partsPerUnit: 1n,
    clamp,
    left: (atUs) => floorDiv(longestUs - waitUs(atUs), interval) + 1n,
    isOver: (atUs) => waitUs(atUs) === 0n,
    charge(atUs, cost) {
      latestUs = clamp(atUs);
      nextUs = latestUs + least(waitUs(latestUs) + cost * interval, 2n * (longestUs + interval));
    },
    delayUs: (atUs, cost) => waitUs(atUs) + (cost - 1n) * interval,
  };
}

/** Open requests: only their end makes room; until it has come, one that is due is expected at any moment. */
export function concurrencyModel({ amount }: { readonly amount: number }): Model {
  const open: { readonly places: bigint; readonly endsUs: bigint | undefined }[] = [];
  const heldAt = (atUs: bigint, nowUs: bigint): bigint =>
    open
      .filter(({ endsUs }) => atUs === nowUs || endsUs === undefined || endsUs > atUs)
      .reduce((sum, { places }) => sum + places, 0n);
  return {
    capacity: BigInt(amount),
    partsPerUnit: 1n,
    clamp: (atUs) => atUs,
    left: (atUs, nowUs) => BigInt(amount) - heldAt(atUs, nowUs),
    isOver: (atUs, nowUs) => heldAt(atUs, nowUs) === 0n,
    charge: (_atUs, places, endsUs) => void open.push({ places, endsUs }),
    unknownWaitUs: 1_000_000n,
    release: () => void open.shift(),
  };
}
