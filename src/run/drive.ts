import { Bag } from '../../mock-server/bag.ts';
import type { Joiner } from '../attribution/joiner.ts';
import type { Call, CallOutcome, Client } from '../client/client.ts';
import type { Clock } from '../clock/clock.ts';
import type { CallRecord, DroppedRecord } from '../journal/record.ts';
import type { ClosedPlan, OpenPlan, Plan, Random, Span } from '../load/plan.ts';
import { onTick } from '../load/tick.ts';
import { nextStartUs } from '../load/wait.ts';

/** What the load of a run is driven with. All times on `clock`; `startedUs` is the run's zero. */
export interface Drive {
  readonly clock: Clock;
  readonly startedUs: number;
  readonly client: Pick<Client, 'call'>;
  /** Told of each call, so that attempts which do not say whose they are find theirs. */
  readonly joiner?: Pick<Joiner, 'begins' | 'ends'>;
  /** A seeded stream for one purpose. */
  readonly random: (purpose: string) => Random;
  /** What a call asks for; the drive adds id, VU and iteration. */
  readonly ask: (id: number, vu: number, iteration: number) => Call;
  /** Lets a VU start its next call when it is its turn; absent: at once. */
  readonly inTurn?: (vu: number) => Promise<void>;
  readonly record: (record: CallRecord | DroppedRecord) => void;
  /** Aborts when the run must stop now: nothing new is started, what is open stays open. */
  readonly stop: AbortSignal;
}

/** Drives all plans side by side on any clock and resolves when nothing of them is left. VUs are numbered through. */
export async function drive(plans: readonly Plan[], context: Drive): Promise<void> {
  const calls = callMaker(context);
  let firstVu = 1;
  const running = plans.map((plan, index) => {
    const first = firstVu;
    firstVu += plan.maxVus;
    return drivePlan(plan, index, first, calls, context);
  });
  await Promise.all(running);
}

/** Makes one call and records how it ended; `giveUp` ends the waiting, not the call. Times since the run's start. */
type MakeCall = (vu: number, iteration: number, scheduledUs: number, giveUp: GiveUp) => Promise<void>;

function callMaker({ client, joiner, clock, startedUs, ask, inTurn, record }: Drive): MakeCall {
  let lastId = 0;
  return async (vu, iteration, scheduledUs, giveUp) => {
    if (inTurn) await inTurn(vu);
    const id = ++lastId;
    const sentUs = clock.nowUs();
    const call = ask(id, vu, iteration);
    joiner?.begins(call, sentUs);
    const answered = client.call(call);
    // Whoever gives up waiting for a call does not end it.
    if (joiner) void answered.then(() => joiner.ends(id, clock.nowUs()));
    const outcome = await giveUp.unless(answered);
    const { startUs, endUs, ...ended } = outcome ?? openOutcome(sentUs, clock.nowUs());
    record({
      type: 'call',
      id,
      vu,
      iteration,
      scheduledUs,
      startUs: startUs - startedUs,
      endUs: endUs - startedUs,
      ...ended,
    });
  };
}

function openOutcome(startUs: number, endUs: number): Omit<CallOutcome, 'result'> & { result: 'open' } {
  return { startUs, endUs, result: 'open' };
}

/** What ends the waiting for calls: one listener for all of them, since a listener for each would cost more than a call. */
class GiveUp {
  readonly signal: AbortSignal;
  readonly #waiting = new Bag<{ place: number; leave(): void }>();

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => {
      for (const { leave } of this.#waiting.all()) leave();
    });
  }

  /** Resolves with undefined as soon as the signal aborts. */
  unless<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    if (this.signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting = { place: -1, leave: () => resolve(undefined) };
      this.#waiting.add(waiting);
      void promise.then((value) => {
        this.#waiting.delete(waiting);
        resolve(value);
      });
    });
  }
}

/** Runs one plan; its calls are given up at its hard end, or when the whole run stops. */
async function drivePlan(plan: Plan, index: number, firstVu: number, makeCall: MakeCall, run: Drive): Promise<void> {
  const finished = new AbortController();
  const overdue = new AbortController();
  const giveUp = new GiveUp(AbortSignal.any([run.stop, overdue.signal]));
  void run.clock
    .sleepUntil(run.startedUs + plan.hardEndUs, AbortSignal.any([finished.signal, run.stop]))
    .then(() => overdue.abort());
  const call: MakeCall = (vu, iteration, scheduledUs) => makeCall(firstVu + vu - 1, iteration, scheduledUs, giveUp);
  if (plan.kind === 'closed')
    await driveClosed(plan, call, giveUp, { ...run, random: (p) => run.random(`${p}:${index}`) });
  else await driveOpen(plan, call, run.random(`arrivals:${index}`), giveUp, run);
  finished.abort();
}

async function driveClosed(plan: ClosedPlan, call: MakeCall, giveUp: GiveUp, run: Drive): Promise<void> {
  let shared = plan.sharedIterations ?? Infinity;
  const spansByVu = Map.groupBy(plan.spans, ({ vu }) => vu);
  const loops = [...spansByVu].map(async ([vu, spans]) => {
    const random = run.random(`wait:${vu}`);
    let iteration = 0;
    const take = (): boolean => iteration < (plan.perVuIterations ?? Infinity) && shared > 0;
    for (const span of spans) {
      await loop(span, async (dueUs) => {
        if (!take()) return null;
        shared--;
        const startedUs = run.clock.nowUs() - run.startedUs;
        await call(vu, iteration++, dueUs, giveUp);
        return onTick(
          nextStartUs(plan.wait, random, startedUs, run.clock.nowUs() - run.startedUs),
          run.clock.resolutionUs,
        );
      });
    }
  });
  await Promise.all(loops);

  /** Turns until the span is over, `turn` has no more, or the run gives up. `turn` says when the next one is due. */
  async function loop(span: Span, turn: (dueUs: number) => Promise<number | null>): Promise<void> {
    let dueUs: number | null = onTick(span.startUs, run.clock.resolutionUs);
    while (dueUs !== null && dueUs < span.stopUs) {
      await run.clock.sleepUntil(run.startedUs + dueUs, giveUp.signal);
      if (giveUp.signal.aborted) return;
      dueUs = await turn(dueUs);
    }
  }
}

/** Arrivals keep their intended times whatever became of earlier calls; one that finds no free VU is dropped. */
async function driveOpen(
  plan: OpenPlan,
  call: MakeCall,
  random: Random,
  giveUp: GiveUp,
  { clock, startedUs, record }: Drive,
): Promise<void> {
  const free = Array.from({ length: plan.maxVus }, (_, index) => plan.maxVus - index);
  const iterations = new Map<number, number>();
  const inFlight = new Set<Promise<void>>();
  for (const arrivalUs of plan.arrivals(random)) {
    const scheduledUs = onTick(arrivalUs, clock.resolutionUs);
    await clock.sleepUntil(startedUs + scheduledUs, giveUp.signal);
    if (giveUp.signal.aborted) break;
    const vu = free.pop();
    if (vu === undefined) {
      record({ type: 'dropped', scheduledUs });
      continue;
    }
    const iteration = iterations.get(vu) ?? 0;
    iterations.set(vu, iteration + 1);
    const done = call(vu, iteration, scheduledUs, giveUp).then(() => {
      // The lowest number is taken first, whoever came back first.
      free.splice(sortedPlace(free, vu), 0, vu);
      inFlight.delete(done);
    });
    inFlight.add(done);
  }
  await Promise.all(inFlight);
}

/** Where `vu` belongs in a list that falls. */
function sortedPlace(falling: readonly number[], vu: number): number {
  let low = 0;
  let high = falling.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (falling[middle]! > vu) low = middle + 1;
    else high = middle;
  }
  return low;
}
