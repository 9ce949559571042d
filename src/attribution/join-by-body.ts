import { isAnswered } from '../../mock-server/ending.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { endOf, isRetryable, MAX_WAIT_US, outcomeKnownUs, resolutionOf, retryWindowUs } from './ending.ts';
import type { AttemptChain } from './join-by-count.ts';

export interface JoinOptions {
  /** The attempts are those of one program, and its calls may change their API key between attempts. */
  readonly mayRotateKeys?: boolean;
}

/** Chains that may be one call: each but the first began after a failure. */
type ChainCluster<Attempt extends AttemptTrace> = readonly AttemptChain<Attempt>[];

/**
 * Joins chains that sent the same body with the same key one after the other. They are one call if nobody else sent that
 * body at the time and each chain but the last ended with a retryable failure, within the window of `backoff.md` section 2.
 * A body that several calls send proves nothing by itself (13 % of such joins were right): its uncounted attempts are
 * returned as `ambiguous`, one list for each body and time. Attempts without a body hash are not joined. With
 * `mayRotateKeys`, keys do not separate calls if one unambiguous call changes its key.
 */
export function joinByBody<Attempt extends AttemptTrace>(
  counted: readonly AttemptChain<Attempt>[],
  uncounted: readonly Attempt[],
  { mayRotateKeys = false }: JoinOptions = {},
): { calls: AttemptChain<Attempt>[][]; ambiguous: Attempt[][] } {
  const single = uncounted.map((attempt): AttemptChain<Attempt> => ({ attempts: [attempt], by: 'body-hash' }));
  const withBody = [...counted, ...single].filter(({ attempts: [first] }) => first!.bodyHash !== undefined);
  const withoutBody = counted.filter(({ attempts: [first] }) => first!.bodyHash === undefined);
  const byBody = Map.groupBy(withBody, ({ attempts: [first] }) => `${first!.host} ${first!.bodyHash}`);
  const calls = withoutBody.map((chain) => [chain]);
  const ambiguous: Attempt[][] = [];
  for (const sameBody of byBody.values()) sameBody.sort((a, b) => a.attempts[0]!.startUs - b.attempts[0]!.startUs);
  const nearby = [...byBody.values()].flatMap(splitByGap);
  const rotatesKeys = mayRotateKeys && nearby.some(isCallWithSeveralKeys);
  for (const chains of rotatesKeys ? nearby : nearby.flatMap(splitByKey)) {
    const found = splitIntoCalls(chains);
    for (const call of found) calls.push(call);
    if (found.length === 0 && chains.every(({ by }) => by === 'body-hash')) {
      ambiguous.push(chains.flatMap(({ attempts }) => attempts));
    }
  }
  return { calls, ambiguous };
}

function isCallWithSeveralKeys<Attempt extends AttemptTrace>(chains: readonly AttemptChain<Attempt>[]): boolean {
  const [first] = chains;
  return chains.some(({ attempts }) => attempts[0]!.key !== first!.attempts[0]!.key) && isOneCall(chains);
}

function splitByKey<Attempt extends AttemptTrace>(chains: readonly AttemptChain<Attempt>[]): AttemptChain<Attempt>[][] {
  return [...Map.groupBy(chains, ({ attempts: [first] }) => first!.key).values()].flatMap(splitByGap);
}

/** Splits the chains of one body where the gap is too long for a retry. */
function splitByGap<Attempt extends AttemptTrace>(chains: readonly AttemptChain<Attempt>[]): AttemptChain<Attempt>[][] {
  const groups: AttemptChain<Attempt>[][] = [];
  let untilUs = -Infinity;
  for (const chain of chains) {
    if (chain.attempts[0]!.startUs <= untilUs) groups.at(-1)!.push(chain);
    else groups.push([chain]);
    untilUs = Math.max(untilUs, endOf(chain.attempts.at(-1)!) + MAX_WAIT_US);
  }
  return groups;
}

function splitIntoCalls<Attempt extends AttemptTrace>(
  chains: readonly AttemptChain<Attempt>[],
): AttemptChain<Attempt>[][] {
  const clusters = splitAfterSuccess(chains);
  if (clusters.every((cluster) => cluster.length === 1)) return clusters.map((cluster) => [...cluster]);
  if (isOneCall(chains)) return [[...chains]];
  // If several calls send this body, a counted chain is still a call; an uncounted attempt may belong to any of them.
  return clusters.length === 1 ? [] : chains.filter(({ by }) => by === 'retry-count').map((chain) => [chain]);
}

function isOneCall<Attempt extends AttemptTrace>(chains: readonly AttemptChain<Attempt>[]): boolean {
  const areRetries = chains.every((chain, index) => index === 0 || isRetry(chains[index - 1]!, chain));
  return areRetries && splitAfterSuccess(chains).length === 1;
}

/** A new cluster begins after each chain that ended with a success. */
function splitAfterSuccess<Attempt extends AttemptTrace>(
  chains: readonly AttemptChain<Attempt>[],
): ChainCluster<Attempt>[] {
  const clusters: AttemptChain<Attempt>[][] = [];
  for (const chain of chains) {
    const current = clusters.at(-1);
    if (current && !isAnswered(current.at(-1)!.attempts.at(-1)!)) current.push(chain);
    else clusters.push([chain]);
  }
  return clusters;
}

function isRetry<Attempt extends AttemptTrace>(before: AttemptChain<Attempt>, next: AttemptChain<Attempt>): boolean {
  const last = before.attempts.at(-1)!;
  const waitUs = next.attempts[0]!.startUs - outcomeKnownUs(last);
  return isRetryable(last) && waitUs >= -resolutionOf(last) && waitUs <= retryWindowUs(last);
}
