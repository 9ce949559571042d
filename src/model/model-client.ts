import { turnOf } from '../../mock-server/turn.ts';
import type { ClientModel } from '../retry/client-model.ts';
import { nextWaitUs } from '../retry/policy.ts';
import { cubicPacer } from './cubic-pacer.ts';
import type { Event } from './event-queue.ts';
import {
  type BreakerState,
  type Budget,
  createBreaker,
  createBudget,
  createFlightLimit,
  type FlightLimit,
  type Pacer,
  steadyPacer,
  type Went,
} from './gates.ts';
import type { Answer, ModelProvider } from './model-provider.ts';
import { type Sink, Together, type World } from './world.ts';

/** How a call ended: with an answer, or with the status of its last failure (undefined for none at all). */
export type CallEnd = { readonly ok: true } | { readonly ok: false; readonly status: number | undefined };

/** What a modelled client is made of. `epochUs` is the start of the run since the Unix epoch. */
export interface ClientParts {
  readonly world: World;
  readonly model: ClientModel;
  readonly provider: ModelProvider;
  readonly sink: Sink;
  readonly seed: number;
  readonly epochUs: number;
  /** What a call draws from; a stream of its own for each. */
  readonly drawFor: (call: number) => () => number;
}

/** JavaScript's timers know whole milliseconds, and at least one. */
function timerUs(us: number): number {
  return Math.max(1000, Math.floor(us / 1000) * 1000);
}

/** What a call does when the time has come that it waits for. */
type Step = 'attempt' | 'send' | 'arrived' | 'fail';

/** One call on its way: at any time it waits for one thing. */
class ModelCall implements Event {
  step: Step = 'attempt';
  retries = 0;
  waitedUs = 0;
  sentUs = 0;
  answer: Answer | undefined;
  timesOut = false;
  lastStatus: number | undefined;
  draw: (() => number) | undefined;
  readonly client: ModelClient;
  readonly id: number;
  readonly prompt: string;
  readonly startUs: number;
  readonly done: (end: CallEnd) => void;

  constructor(client: ModelClient, id: number, prompt: string, startUs: number, done: (end: CallEnd) => void) {
    this.client = client;
    this.id = id;
    this.prompt = prompt;
    this.startUs = startUs;
    this.done = done;
  }

  due(): void {
    this.client[this.step](this);
  }
}

/** A modelled client at work: all VUs call it, and its gates count for all of them together. */
export class ModelClient {
  readonly #parts: ClientParts;
  readonly #world: World;
  readonly #model: ClientModel;
  readonly #pacer: Pacer | null;
  readonly #budget: Budget | null;
  readonly #breaker: BreakerState | null;
  readonly #flight: FlightLimit | null;
  readonly #arrivals: Together<ModelCall>;
  readonly #waitingCalls: ModelCall[] = [];
  readonly #waitingAttempts: ModelCall[] = [];
  readonly #sent = new Set<ModelCall>();
  #openCalls = 0;

  constructor(parts: ClientParts) {
    const { model } = parts;
    this.#parts = parts;
    this.#world = parts.world;
    this.#model = model;
    this.#pacer = model.pace === 'cubic' ? cubicPacer() : model.pace && steadyPacer(model.pace);
    this.#budget = model.budget && createBudget(model.budget);
    this.#breaker = model.breaker && createBreaker(model.breaker);
    this.#flight = model.aimd && createFlightLimit(model.aimd);
    this.#arrivals = new Together(parts.world, (calls) => this.#decide(calls));
  }

  /** Starts a call; `done` is told its end, at that moment. */
  call(id: number, prompt: string, done: (end: CallEnd) => void): void {
    this.#budget?.call();
    const call = new ModelCall(this, id, prompt, this.#world.nowUs, done);
    if (this.#openCalls < (this.#model.concurrency ?? Infinity)) this.#begin(call);
    else this.#waitingCalls.push(call);
  }

  /** Cuts what is still in flight at the end of the run. */
  close(): void {
    for (const call of this.#sent) this.#tell(call, 'open');
  }

  attempt(call: ModelCall): void {
    const { nowUs } = this.#world;
    if (this.#breaker && !this.#breaker.admits(nowUs)) {
      this.#later(call, 1000, 'fail');
      return;
    }
    const waitUs = this.#pacer ? this.#pacer.waitUs(nowUs) : 0;
    if (waitUs > 0) this.#later(call, timerUs(waitUs + 999), 'send');
    else this.send(call);
  }

  send(call: ModelCall): void {
    if (this.#flight && this.#sent.size >= this.#flight.most) {
      this.#waitingAttempts.push(call);
      return;
    }
    this.#sent.add(call);
    call.sentUs = this.#world.nowUs;
    call.answer = undefined;
    this.#arrivals.add(call);
  }

  /** The attempt is over: its answer is there, or its time is up. */
  arrived(call: ModelCall): void {
    const { ok, failure, id } = call.answer!;
    const { nowUs } = this.#world;
    const went: Went = call.timesOut ? 'failed' : ok ? 'ok' : failure?.status === 429 ? 'refused' : 'failed';
    this.#sent.delete(call);
    this.#parts.provider.finish(id, this.#parts.epochUs + nowUs);
    this.#tell(call, call.timesOut ? 'aborted' : call.answer!.breaks ? 'reset' : 'response');
    this.#pacer?.ended(nowUs, went);
    this.#breaker?.ended(nowUs, went);
    this.#budget?.ended(went, call.retries > 0);
    this.#flight?.ended(went, this.#sent.size + 1);
    while (this.#flight && this.#sent.size < this.#flight.most && this.#waitingAttempts.length > 0) {
      this.send(this.#waitingAttempts.shift()!);
    }
    if (went === 'ok') this.#finish(call, { ok: true });
    else this.#retry(call);
  }

  fail(call: ModelCall): void {
    this.#finish(call, { ok: false, status: call.lastStatus });
  }

  #begin(call: ModelCall): void {
    this.#openCalls++;
    this.attempt(call);
  }

  #finish(call: ModelCall, end: CallEnd): void {
    this.#openCalls--;
    const next = this.#waitingCalls.shift();
    if (next) this.#begin(next);
    call.done(end);
  }

  #later(call: ModelCall, us: number, step: Step): void {
    call.step = step;
    this.#world.at(this.#world.nowUs + us, call);
  }

  /** Requests of one instant are decided in the order that chance gives, as in virtual time. */
  #decide(calls: ModelCall[]): void {
    const { sink, provider, epochUs, seed } = this.#parts;
    const timeoutUs = this.#model.timeoutUs ?? Infinity;
    const deadlineUs = this.#model.deadlineUs ?? Infinity;
    const nowUs = epochUs + this.#world.nowUs;
    for (const call of calls.length === 1 ? calls : inTurn(calls, seed, nowUs)) {
      const answer = provider.answer(call.prompt, nowUs);
      const mayTakeUs = Math.min(timeoutUs, deadlineUs - (this.#world.nowUs - call.startUs));
      call.answer = sink.detailed ? { ...answer, sight: keep(answer.sight(call.id, call.prompt)) } : answer;
      call.timesOut = answer.endAfterUs > mayTakeUs;
      this.#later(call, call.timesOut ? mayTakeUs : answer.endAfterUs, 'arrived');
    }
  }

  #retry(call: ModelCall): void {
    const { retries } = this.#model;
    const failure = call.timesOut ? { status: undefined } : call.answer!.failure!;
    call.lastStatus = failure.status;
    call.draw ??= this.#parts.drawFor(call.id);
    const waitUs = nextWaitUs(retries, call.retries, failure, call.draw, call.waitedUs);
    const leftUs = (this.#model.deadlineUs ?? Infinity) - (this.#world.nowUs - call.startUs);
    if (waitUs === null || (this.#budget && !this.#budget.take())) this.fail(call);
    else if (waitUs >= leftUs) this.#later(call, Math.max(0, leftUs), 'fail');
    else {
      call.retries++;
      call.waitedUs = waitUs;
      this.#later(call, timerUs(waitUs), 'attempt');
    }
  }

  #tell({ answer, sentUs, id, prompt }: ModelCall, outcome: 'response' | 'reset' | 'aborted' | 'open'): void {
    const { sink, epochUs } = this.#parts;
    sink.attempt();
    if (!sink.detailed || !answer) return;
    const startUs = epochUs + sentUs;
    const endUs = epochUs + this.#world.nowUs;
    const headersUs = startUs + answer.headAfterUs;
    sink.exchange({
      sight: answer.sight(id, prompt),
      startUs,
      ...(headersUs <= endUs && !answer.breaks && { headersUs }),
      endUs,
      outcome,
    });
  }
}

function inTurn(calls: ModelCall[], seed: number, nowUs: number): ModelCall[] {
  return calls
    .map((call) => ({ call, turn: turnOf(seed, nowUs, call.id) }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ call }) => call);
}

function keep<Value>(value: Value): () => Value {
  return () => value;
}
