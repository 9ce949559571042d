import type { Random } from '../../mock-server/random.ts';
import { UnorderedSet } from '../../mock-server/unordered-set.ts';
import type { Joiner } from '../attribution/joiner.ts';
import type { ClientCall } from '../client/client.ts';
import type { Clock } from '../clock/clock.ts';
import type { CallRecord } from '../journal/call-records.ts';
import type { DroppedRecord } from '../journal/record.ts';
import type { CallShape } from '../load/call-shape.ts';
import { type ClosedPlan, ceilToTick, type LoadPlan, type LoadSpan, type OpenPlan } from '../load/plan.ts';
import { nextStartUs } from '../load/wait.ts';
import type { FleetOutcome } from './instance.ts';

/** Dependencies of `drive`. All times are on `clock`; `startedUs` is the start of the run. */
export interface DriveOptions {
  readonly clock: Clock;
  readonly startedUs: number;
  readonly client: { call(call: ClientCall): Promise<FleetOutcome> };
  /** Notified of each call, so that it can join untagged attempts to their calls. */
  readonly joiner?: Pick<Joiner, 'callStarted' | 'callEnded'>;
  /** Returns the seeded random stream of a purpose. */
  readonly random: (purpose: string) => Random;
  /** Builds the call of a VU. */
  readonly buildCall: (id: number, vu: number, iteration: number, shape?: CallShape) => ClientCall;
  /** Resolves when a VU may start its next call; absent: at once. */
  readonly waitTurn?: (vu: number) => Promise<void>;
  readonly record: (record: CallRecord | DroppedRecord) => void;
  /** Aborts to stop the run now: no new calls start, and open calls stay open. */
  readonly stop: AbortSignal;
}

/** Drives all plans in parallel, on any clock, and resolves when all have ended. VUs are numbered across plans. */
export async function drive(plans: readonly LoadPlan[], options: DriveOptions): Promise<void> {
  const makeCall = createCallMaker(options);
  let firstVu = 1;
  const running = plans.map((plan, index) => {
    const first = firstVu;
    firstVu += plan.maxVus;
    return drivePlan(plan, { index, firstVu: first }, makeCall, options);
  });
  await Promise.all(running);
}

/**
 * Makes one call and records its result; once more if its replica ended and its work is to be resumed. `giveUp` stops waiting
 * without ending the call. Times count from the start of the run.
 */
type MakeCall = (
  vu: number,
  iteration: number,
  scheduledUs: number,
  giveUp: GiveUpSignal,
  shape?: CallShape,
) => Promise<void>;

function createCallMaker({ client, joiner, clock, startedUs, buildCall, waitTurn, record }: DriveOptions): MakeCall {
  let lastId = 0;

  /** Returns the call to make next, if its work is to be resumed. */
  async function make(call: ClientCall, scheduledUs: number, giveUp: GiveUpSignal): Promise<ClientCall | undefined> {
    const { id, vu, iteration } = call;
    const sentUs = clock.nowUs();
    joiner?.callStarted(call, sentUs);
    const result = client.call(call);
    // Giving up the waiting does not end the call.
    if (joiner) void result.then(() => joiner.callEnded(id, clock.nowUs()));
    const outcome = (await giveUp.race(result)) ?? openOutcome(sentUs, clock.nowUs());
    const { startUs, endUs, resumes, ...ended } = outcome;
    const job = call.job ?? (resumes && `call-${id}`);
    record({
      type: 'call',
      id,
      vu,
      iteration,
      scheduledUs,
      startUs: startUs - startedUs,
      endUs: endUs - startedUs,
      ...(job !== undefined && { job }),
      ...(call.kind !== undefined && { kind: call.kind }),
      ...ended,
    });
    return resumes && job !== undefined ? { ...call, job } : undefined;
  }

  return async (vu, iteration, scheduledUs, giveUp, shape) => {
    if (waitTurn) await waitTurn(vu);
    const first = buildCall(++lastId, vu, iteration, shape);
    let resumed = await make(first, scheduledUs, giveUp);
    while (resumed) {
      const dueUs = clock.nowUs() - startedUs;
      if (waitTurn) await waitTurn(vu);
      resumed = await make({ ...resumed, id: ++lastId }, dueUs, giveUp);
    }
  };
}

function openOutcome(startUs: number, endUs: number): FleetOutcome {
  return { startUs, endUs, result: 'open' };
}

/** Ends the waiting for calls. All calls share one abort listener: a listener per call would cost more than the call. */
class GiveUpSignal {
  readonly signal: AbortSignal;
  readonly #waiting = new UnorderedSet<{ index: number; giveUp(): void }>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => {
      for (const { giveUp } of this.#waiting.all()) giveUp();
    });
  }

  /** Resolves like `promise`, or with undefined as soon as the signal aborts. */
  race<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    if (this.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting = { index: -1, giveUp: () => resolve(undefined) };
      this.#waiting.add(waiting);
      void promise.then((value) => {
        this.#waiting.delete(waiting);
        resolve(value);
      });
    });
  }
}

/** Runs one plan. Its open calls are given up at its hard end, or when the run stops. */
async function drivePlan(
  plan: LoadPlan,
  { index, firstVu }: { index: number; firstVu: number },
  makeCall: MakeCall,
  run: DriveOptions,
): Promise<void> {
  const finished = new AbortController();
  const overdue = new AbortController();
  const giveUp = new GiveUpSignal(AbortSignal.any([run.stop, overdue.signal]));
  void run.clock
    .sleepUntil(run.startedUs + plan.hardEndUs, AbortSignal.any([finished.signal, run.stop]))
    .then(() => overdue.abort());
  const call: MakeCall = (vu, iteration, scheduledUs, _, shape) =>
    makeCall(firstVu + vu - 1, iteration, scheduledUs, giveUp, shape);
  if (plan.kind === 'closed')
    await driveClosed(plan, call, giveUp, { ...run, random: (purpose) => run.random(`${purpose}:${index}`) });
  else await driveOpen(plan, call, run.random(`arrivals:${index}`), giveUp, run);
  finished.abort();
}

async function driveClosed(plan: ClosedPlan, call: MakeCall, giveUp: GiveUpSignal, run: DriveOptions): Promise<void> {
  let remaining = plan.sharedIterations ?? Infinity;
  const spansByVu = Map.groupBy(plan.spans, ({ vu }) => vu);
  const loops = [...spansByVu].map(async ([vu, spans]) => {
    const random = run.random(`wait:${vu}`);
    let iteration = 0;
    const hasMore = (): boolean => iteration < (plan.perVuIterations ?? Infinity) && remaining > 0;
    for (const span of spans) {
      await loop(span, async (dueUs) => {
        if (!hasMore()) return null;
        remaining--;
        const startedUs = run.clock.nowUs() - run.startedUs;
        await call(vu, iteration++, dueUs, giveUp);
        return ceilToTick(
          nextStartUs(plan.wait, random, startedUs, run.clock.nowUs() - run.startedUs),
          run.clock.resolutionUs,
        );
      });
    }
  });
  await Promise.all(loops);

  /** Iterates until the span ends, `iterate` returns null, or the run gives up. `iterate` returns the next due time. */
  async function loop(span: LoadSpan, iterate: (dueUs: number) => Promise<number | null>): Promise<void> {
    let dueUs: number | null = ceilToTick(span.startUs, run.clock.resolutionUs);
    while (dueUs !== null && dueUs < span.stopUs) {
      await run.clock.sleepUntil(run.startedUs + dueUs, giveUp.signal);
      if (giveUp.signal.aborted) return;
      dueUs = await iterate(dueUs);
    }
  }
}

/** Arrivals keep their due times, independent of earlier calls. An arrival that finds no free VU is dropped. */
async function driveOpen(
  plan: OpenPlan,
  call: MakeCall,
  random: Random,
  giveUp: GiveUpSignal,
  { clock, startedUs, record }: DriveOptions,
): Promise<void> {
  const free = Array.from({ length: plan.maxVus }, (_, index) => plan.maxVus - index);
  const iterations = new Map<number, number>();
  const inFlight = new Set<Promise<void>>();
  for (const { atUs, shape } of plan.arrivals(random)) {
    const scheduledUs = ceilToTick(atUs, clock.resolutionUs);
    await clock.sleepUntil(startedUs + scheduledUs, giveUp.signal);
    if (giveUp.signal.aborted) break;
    const vu = free.pop();
    if (vu === undefined) {
      record({ type: 'dropped', scheduledUs });
      continue;
    }
    const iteration = iterations.get(vu) ?? 0;
    iterations.set(vu, iteration + 1);
    const done = call(vu, iteration, scheduledUs, giveUp, shape).then(() => {
      // The free VU with the lowest number is taken first.
      free.splice(findInsertionIndex(free, vu), 0, vu);
      inFlight.delete(done);
    });
    inFlight.add(done);
  }
  await Promise.all(inFlight);
}

/** Returns the position of `vu` in a descending list. */
function findInsertionIndex(descending: readonly number[], vu: number): number {
  let low = 0;
  let high = descending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (descending[middle]! > vu) low = middle + 1;
    else high = middle;
  }
  return low;
}
