import type { Random } from '../../mock-server/random.ts';
import type { Arrival, CallShape } from '../load/call-shape.ts';
import { type ClosedPlan, ceilToTick, type LoadPlan, type LoadSpan, type OpenPlan } from '../load/plan.ts';
import { nextStartUs } from '../load/wait.ts';
import { InstantBatch, type Simulation, TICK_US } from './simulation.ts';

/** Which call a VU makes: its turn, when it was due, and what the load asks of it. */
export interface DueCall {
  readonly vu: number;
  readonly iteration: number;
  readonly scheduledUs: number;
  readonly shape?: CallShape | undefined;
}

/** Makes one call of a VU; `done` is called when it ends. */
export type MakeCall = (call: DueCall, done: () => void) => OpenCall;

/** A call in flight. Giving it up ends the waiting for it, not the call. */
export interface OpenCall {
  giveUp(): void;
}

export interface LoadParts {
  readonly simulation: Simulation;
  /** Returns the seeded random stream of a purpose. */
  readonly random: (purpose: string) => Random;
  readonly makeCall: MakeCall;
  readonly drop: (scheduledUs: number) => void;
  /** Called when all plans have ended. */
  readonly onEnd: () => void;
}

/** A VU whose next call may start. */
interface PendingStart {
  readonly vu: number;
  start(): void;
}

/** Drives all plans in parallel, as `drive` does with promises on a clock. VUs are numbered across plans. */
export function startLoad(plans: readonly LoadPlan[], parts: LoadParts): void {
  let remaining = plans.length;
  const end = (): void => {
    if (--remaining === 0) parts.onEnd();
  };
  // Calls of one instant start in the order of their VUs.
  const starts = new InstantBatch<PendingStart>(parts.simulation, (waiting) => {
    for (const { start } of waiting.sort((a, b) => a.vu - b.vu)) start();
  });
  let vus = 0;
  for (const [index, plan] of plans.entries()) {
    const running = new RunningPlan(plan, vus, starts, parts, end);
    vus += plan.maxVus;
    if (plan.kind === 'closed') startClosed(plan, running, (vu) => parts.random(`wait:${vu}:${index}`));
    else new OpenLoad(plan, running, parts, parts.random(`arrivals:${index}`)).next();
  }
}

/** Common to both kinds of load: gives up open calls at the hard end, and ends once. */
class RunningPlan {
  ended = false;
  readonly simulation: Simulation;
  readonly #vuOffset: number;
  readonly #starts: InstantBatch<PendingStart>;
  readonly #makeCall: MakeCall;
  readonly #end: () => void;
  readonly #calls = new Set<OpenCall>();

  constructor(
    plan: LoadPlan,
    vus: number,
    starts: InstantBatch<PendingStart>,
    { simulation, makeCall }: LoadParts,
    end: () => void,
  ) {
    this.simulation = simulation;
    this.#vuOffset = vus;
    this.#starts = starts;
    this.#makeCall = makeCall;
    this.#end = end;
    simulation.at(ceilToTick(plan.hardEndUs, TICK_US), { due: () => this.#giveUp() });
  }

  /** Makes a call at the end of this instant. */
  start(
    { vu, iteration, scheduledUs, shape }: Omit<DueCall, 'iteration'> & { readonly iteration: () => number },
    done: () => void,
  ): void {
    const start = (): void => {
      const due = { vu: this.#vuOffset + vu, iteration: iteration(), scheduledUs, shape };
      const call = this.#makeCall(due, () => {
        this.#calls.delete(call);
        if (!this.ended) done();
      });
      this.#calls.add(call);
    };
    this.#starts.add({ vu: this.#vuOffset + vu, start });
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#end();
  }

  #giveUp(): void {
    for (const call of this.#calls) call.giveUp();
    this.end();
  }
}

function startClosed(plan: ClosedPlan, running: RunningPlan, drawFor: (vu: number) => Random): void {
  const group: ClosedGroup = { plan, running, remaining: plan.sharedIterations ?? Infinity, looping: 0 };
  const spansByVu = Map.groupBy(plan.spans, ({ vu }) => vu);
  group.looping = spansByVu.size;
  if (spansByVu.size === 0) running.simulation.afterInstant(() => running.end());
  for (const [vu, spans] of spansByVu) new VuLoop(vu, spans, drawFor(vu), group).enter(spans[0]!);
}

/** State shared by the VUs of a closed plan. */
interface ClosedGroup {
  readonly plan: ClosedPlan;
  readonly running: RunningPlan;
  remaining: number;
  looping: number;
}

/** One VU, which loops through its spans. */
class VuLoop {
  readonly #vu: number;
  readonly #spans: readonly LoadSpan[];
  readonly #draw: Random;
  readonly #group: ClosedGroup;
  #iteration = 0;
  #spanIndex = 0;

  constructor(vu: number, spans: readonly LoadSpan[], draw: Random, group: ClosedGroup) {
    this.#vu = vu;
    this.#spans = spans;
    this.#draw = draw;
    this.#group = group;
  }

  enter(span: LoadSpan): void {
    this.#next(ceilToTick(span.startUs, TICK_US));
  }

  #next(dueUs: number): void {
    if (dueUs >= this.#spans[this.#spanIndex]!.stopUs) this.#leave();
    else this.#group.running.simulation.at(dueUs, { due: () => this.#iterate(dueUs) });
  }

  /** Leaves this span for the next; the last VU to leave its last span ends the plan. */
  #leave(): void {
    const span = this.#spans[++this.#spanIndex];
    if (span) this.enter(span);
    else if (--this.#group.looping === 0) this.#group.running.end();
  }

  #iterate(dueUs: number): void {
    const { plan, running } = this.#group;
    if (running.ended) return;
    if (this.#iteration >= (plan.perVuIterations ?? Infinity) || this.#group.remaining <= 0) {
      this.#leave();
      return;
    }
    this.#group.remaining--;
    const startedUs = running.simulation.nowUs;
    const iteration = this.#iteration++;
    running.start({ vu: this.#vu, iteration: () => iteration, scheduledUs: dueUs }, () =>
      this.#next(ceilToTick(nextStartUs(plan.wait, this.#draw, startedUs, running.simulation.nowUs), TICK_US)),
    );
  }
}

/** Arrivals at their due times; the free VU with the lowest number takes each. */
class OpenLoad {
  readonly #running: RunningPlan;
  readonly #drop: (scheduledUs: number) => void;
  readonly #arrivals: Iterator<Arrival>;
  readonly #iterations: number[];
  readonly #free: Set<number>;
  readonly #maxVus: number;
  #lowest = 1;
  #hasMoreArrivals = true;

  constructor(plan: OpenPlan, running: RunningPlan, { drop }: LoadParts, draw: Random) {
    this.#running = running;
    this.#drop = drop;
    this.#arrivals = plan.arrivals(draw)[Symbol.iterator]();
    this.#maxVus = plan.maxVus;
    this.#iterations = Array.from({ length: plan.maxVus + 1 }, () => 0);
    this.#free = new Set(Array.from({ length: plan.maxVus }, (_, index) => index + 1));
  }

  next(): void {
    const { value, done } = this.#arrivals.next();
    if (!done) {
      const dueUs = ceilToTick(value.atUs, TICK_US);
      this.#running.simulation.at(dueUs, { due: () => this.#arrive(dueUs, value.shape) });
      return;
    }
    this.#hasMoreArrivals = false;
    this.#endIfIdle();
  }

  #arrive(scheduledUs: number, shape: CallShape | undefined): void {
    if (this.#running.ended) return;
    const vu = this.#takeVu();
    if (vu === undefined) this.#drop(scheduledUs);
    else {
      const iteration = (): number => this.#iterations[vu]!++;
      this.#running.start({ vu, iteration, scheduledUs, shape }, () => this.#release(vu));
    }
    this.next();
  }

  #takeVu(): number | undefined {
    if (this.#free.size === 0) return undefined;
    while (!this.#free.has(this.#lowest)) this.#lowest++;
    this.#free.delete(this.#lowest);
    return this.#lowest;
  }

  #release(vu: number): void {
    this.#free.add(vu);
    this.#lowest = Math.min(this.#lowest, vu);
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (!this.#hasMoreArrivals && this.#free.size === this.#maxVus) this.#running.end();
  }
}
