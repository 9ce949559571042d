import { clientsOf, hasFleet } from '../scenario/fleet.ts';
import { formatMetric } from './format.ts';
import { computeLimitUse, type LimitUse } from './limit-use.ts';
import { isAdmitted, isRejected } from './run/attempts.ts';
import { clientOfReplica } from './run/client-of-replica.ts';
import { isCut } from './run/cut-calls.ts';
import type { Attempt, Call, Run } from './run/run-view.ts';
import { ascending, percentile } from './statistics/percentile.ts';

/** Figures of a client, or of one of its replicas. Durations in microseconds, null without samples. */
export interface CallerFigures {
  /** `chat`, or `chat/3` for a replica; `3` for a replica of a client without a name. */
  readonly name: string;
  readonly calls: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Calls that the end of a replica cut, and calls that were open when the run ended. */
  readonly cut: number;
  readonly unfinished: number;
  readonly attempts: number;
  readonly refused: number;
  /** Share of what all clients were charged for the limit that refused most; null if nothing was charged. */
  readonly share: number | null;
  /** From when a call was wanted until a limit let it in, in the client's own queue or by refusals: the 95th percentile. */
  readonly waitP95Us: number | null;
  readonly p95Us: number | null;
}

/** A client with its replicas. */
export interface ClientFigures extends CallerFigures {
  /** In order of their numbers; empty for a client of one process. */
  readonly replicas: readonly CallerFigures[];
  readonly restarts: number;
}

/** The clients of a run side by side. */
export interface FleetFigures {
  /** The limit that `share` is of; null if none was charged. */
  readonly limit: string | null;
  readonly clients: readonly ClientFigures[];
  /** A sentence on a client that took most of a limit while another waited; otherwise null. */
  readonly imbalance: string | null;
}

/** Computes the figures of each client and replica; null for a run of one process. */
export function computeFleetFigures(run: Run): FleetFigures | null {
  const clients = clientsOf(run.header.scenario);
  if (!hasFleet(run.header.scenario) || run.calls.length === 0) return null;
  const contended = findContended(run);
  const charged = createCharge(contended?.limit);
  const all = run.attempts.reduce((sum, attempt) => sum + charged(attempt), 0);
  const figuresOf = (name: string, calls: readonly Call[]): CallerFigures => figures(run, name, calls, charged, all);
  const byClient = Map.groupBy(run.calls, ({ client }) => client ?? '');
  const rows = clients.map(({ name }): ClientFigures => {
    const calls = byClient.get(name) ?? [];
    const byReplica = Map.groupBy(
      calls.filter(({ replica }) => replica !== undefined),
      ({ replica }) => replica!,
    );
    const replicas = [...byReplica].map(([replica, own]) => figuresOf(replica, own)).sort(byNumber);
    return { ...figuresOf(name, calls), replicas, restarts: countRestarts(run, name) };
  });
  const limit = all > 0 ? (contended?.limit ?? null) : null;
  return { limit, clients: rows, imbalance: describeImbalance(rows, contended) };
}

const numberOf = ({ name }: CallerFigures): number => Number(name.slice(name.lastIndexOf('/') + 1));
const byNumber = (a: CallerFigures, b: CallerFigures): number => numberOf(a) - numberOf(b);

function countRestarts({ replicas }: Run, client: string): number {
  return replicas.filter(
    ({ replica, change, reason }) => change === 'stop' && reason === 'restart' && clientOfReplica(replica) === client,
  ).length;
}

/** The limit with the most refusals; on a tie, the most used one. */
function findContended(run: Run): LimitUse | undefined {
  const used = ({ admitted, admissible }: LimitUse): number => (admissible ? admitted / admissible : 0);
  return computeLimitUse(run).sort((a, b) => b.denied - a.denied || used(b) - used(a))[0];
}

function createCharge(limit: string | undefined): (attempt: Attempt) => number {
  return (attempt) => {
    if (!isAdmitted(attempt)) return 0;
    return attempt.limits.reduce((sum, view) => sum + (view.limit === limit ? view.cost : 0), 0);
  };
}

function figures(
  run: Run,
  name: string,
  calls: readonly Call[],
  charged: (attempt: Attempt) => number,
  all: number,
): CallerFigures {
  const attempts = calls.flatMap((call) => call.attempts);
  const cut = calls.filter((call) => isCut(call, run)).length;
  const ended = calls.filter(({ result }) => result !== 'open');
  const own = attempts.reduce((sum, attempt) => sum + charged(attempt), 0);
  return {
    name,
    calls: calls.length,
    succeeded: ended.filter(({ result }) => result === 'ok').length,
    failed: ended.filter(({ result }) => result === 'error').length,
    cut,
    unfinished: calls.length - ended.length - cut,
    attempts: attempts.length,
    refused: attempts.filter(isRejected).length,
    share: all === 0 ? null : own / all,
    waitP95Us: p95(calls.flatMap(waitUntilLetIn)),
    p95Us: p95(ended.map(({ scheduledUs, endUs }) => endUs - scheduledUs)),
  };
}

function waitUntilLetIn({ scheduledUs, attempts }: Call): number[] {
  const first = attempts.find(isAdmitted);
  return first ? [first.startUs - scheduledUs] : [];
}

function p95(values: readonly number[]): number | null {
  return values.length === 0 ? null : percentile(ascending(values), 95);
}

/** Shorter waits are not worth a word. */
const MIN_WAIT_US = 1_000_000;

/** Half or more for one, and a wait or a failure for the others, is what people ask about. */
function describeImbalance(clients: readonly ClientFigures[], limit: LimitUse | undefined): string | null {
  if (clients.length < 2 || !limit || limit.denied === 0) return null;
  const [most, ...others] = clients.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0));
  if ((most!.share ?? 0) < 0.5) return null;
  const [worst] = others.toSorted((a, b) => lossOf(b) - lossOf(a) || (b.waitP95Us ?? 0) - (a.waitP95Us ?? 0));
  const { name, calls, failed, waitP95Us } = worst!;
  const parts = [
    ...((waitP95Us ?? 0) >= MIN_WAIT_US ? [`waited ${formatMetric(waitP95Us!)} (p95)`] : []),
    ...(failed > 0 ? [`lost ${failed} of ${calls} calls`] : []),
  ];
  const isWorseOff = lossOf(worst!) > lossOf(most!) || (waitP95Us ?? 0) > (most!.waitP95Us ?? 0);
  if (parts.length === 0 || !isWorseOff) return null;
  return `${most!.name} took ${Math.round(100 * most!.share!)} % of limit ${limit.limit} while ${name} ${parts.join(' and ')}.`;
}

const lossOf = ({ calls, failed }: CallerFigures): number => (calls === 0 ? 0 : failed / calls);
