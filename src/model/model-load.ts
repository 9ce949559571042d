import type { ClosedPlan, OpenPlan, Plan, Random, Span } from '../load/plan.ts';
import { onTick } from '../load/tick.ts';
import { nextStartUs } from '../load/wait.ts';
import { Together, type World } from './world.ts';

/** Makes one call of a VU; `done` is told when it has ended. */
export type MakeCall = (vu: number, iteration: number, scheduledUs: number, done: () => void) => OpenCall;

/** A call under way: it can be given up, which ends the waiting for it. */
export interface OpenCall {
  giveUp(): void;
}

export interface LoadParts {
  readonly world: World;
  /** A seeded stream for one purpose. */
  readonly random: (purpose: string) => Random;
  readonly makeCall: MakeCall;
  readonly drop: (scheduledUs: number) => void;
  /** Called when nothing is left of any plan. */
  readonly over: () => void;
}

/** A VU whose next call may start. */
interface Start {
  readonly vu: number;
  start(): void;
}

/** As the clock of a virtual run: whole milliseconds. */
const TICK_US = 1000;

/** Drives all plans side by side, as `drive` does with promises on a clock. VUs are numbered through. */
export function startLoad(plans: readonly Plan[], parts: LoadParts): void {
  let left = plans.length;
  const end = (): void => {
    if (--left === 0) parts.over();
  };
  // Those of one instant start in the order of their VUs.
  const starts = new Together<Start>(parts.world, (waiting) => {
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

/** What both kinds of load have: calls that are given up at the hard end, and an end that comes once. */
class RunningPlan {
  ended = false;
  readonly world: World;
  readonly #vus: number;
  readonly #starts: Together<Start>;
  readonly #makeCall: MakeCall;
  readonly #end: () => void;
  readonly #calls = new Set<OpenCall>();

  constructor(plan: Plan, vus: number, starts: Together<Start>, { world, makeCall }: LoadParts, end: () => void) {
    this.world = world;
    this.#vus = vus;
    this.#starts = starts;
    this.#makeCall = makeCall;
    this.#end = end;
    world.at(onTick(plan.hardEndUs, TICK_US), { due: () => this.#giveUp() });
  }

  /** Makes a call at the end of this instant. */
  start(vu: number, iteration: () => number, scheduledUs: number, done: () => void): void {
    const start = (): void => {
      const call = this.#makeCall(this.#vus + vu, iteration(), scheduledUs, () => {
        this.#calls.delete(call);
        if (!this.ended) done();
      });
      this.#calls.add(call);
    };
    this.#starts.add({ vu: this.#vus + vu, start });
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
  const group: ClosedGroup = { plan, running, shared: plan.sharedIterations ?? Infinity, looping: 0 };
  const spansByVu = Map.groupBy(plan.spans, ({ vu }) => vu);
  group.looping = spansByVu.size;
  if (spansByVu.size === 0) running.world.afterInstant(() => running.end());
  for (const [vu, spans] of spansByVu) new Loop(vu, spans, drawFor(vu), group).enter(spans[0]!);
}

/** What the VUs of one closed plan share. */
interface ClosedGroup {
  readonly plan: ClosedPlan;
  readonly running: RunningPlan;
  shared: number;
  looping: number;
}

/** One VU that loops through its spans. */
class Loop {
  readonly #vu: number;
  readonly #spans: readonly Span[];
  readonly #draw: Random;
  readonly #group: ClosedGroup;
  #iteration = 0;
  #at = 0;

  constructor(vu: number, spans: readonly Span[], draw: Random, group: ClosedGroup) {
    this.#vu = vu;
    this.#spans = spans;
    this.#draw = draw;
    this.#group = group;
  }

  enter(span: Span): void {
    this.#next(onTick(span.startUs, TICK_US));
  }

  #next(dueUs: number): void {
    if (dueUs >= this.#spans[this.#at]!.stopUs) this.#leave();
    else this.#group.running.world.at(dueUs, { due: () => this.#turn(dueUs) });
  }

  /** This span is over; the next begins when it is due, or now. */
  #leave(): void {
    const span = this.#spans[++this.#at];
    if (span) this.enter(span);
    else if (--this.#group.looping === 0) this.#group.running.end();
  }

  #turn(dueUs: number): void {
    const { plan, running } = this.#group;
    if (running.ended) return;
    if (this.#iteration >= (plan.perVuIterations ?? Infinity) || this.#group.shared <= 0) {
      this.#leave();
      return;
    }
    this.#group.shared--;
    const startedUs = running.world.nowUs;
    const iteration = this.#iteration++;
    running.start(
      this.#vu,
      () => iteration,
      dueUs,
      () => this.#next(onTick(nextStartUs(plan.wait, this.#draw, startedUs, running.world.nowUs), TICK_US)),
    );
  }
}

/** Arrivals at their own times; the free VU of the lowest number takes each. */
class OpenLoad {
  readonly #running: RunningPlan;
  readonly #drop: (scheduledUs: number) => void;
  readonly #arrivals: Iterator<number>;
  readonly #iterations: number[];
  readonly #free: Set<number>;
  readonly #maxVus: number;
  #lowest = 1;
  #coming = true;

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
      const dueUs = onTick(value, TICK_US);
      this.#running.world.at(dueUs, { due: () => this.#arrive(dueUs) });
      return;
    }
    this.#coming = false;
    this.#endIfIdle();
  }

  #arrive(scheduledUs: number): void {
    if (this.#running.ended) return;
    const vu = this.#take();
    if (vu === undefined) this.#drop(scheduledUs);
    else {
      const iteration = (): number => this.#iterations[vu]!++;
      this.#running.start(vu, iteration, scheduledUs, () => this.#release(vu));
    }
    this.next();
  }

  #take(): number | undefined {
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
    if (!this.#coming && this.#free.size === this.#maxVus) this.#running.end();
  }
}
