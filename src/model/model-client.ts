import type { ClientModel } from '../retry/client-model.ts';
import { nextWaitUs } from '../retry/policy.ts';
import { cubicPacer } from './cubic-pacer.ts';
import type { Event } from './event-queue.ts';
import {
  type AttemptResult,
  type BreakerState,
  type Budget,
  createBreaker,
  createBudget,
  createInFlightLimit,
  type InFlightLimit,
  type Pacer,
  steadyPacer,
} from './gates.ts';
import type { ModelProvider } from './model-provider.ts';
import type { ModelReply } from './model-reply.ts';
import type { ModelRequest } from './model-request.ts';
import type { ModelWire, SentRequest } from './model-wire.ts';
import type { Simulation, Sink } from './simulation.ts';

/** How a call ended: ok, or with the status of its last failure (undefined if no reply arrived). */
export type CallEnd = { readonly ok: true } | { readonly ok: false; readonly status: number | undefined };

/** The dependencies of a modelled client. `epochUs` is the start of the run since the Unix epoch. */
export interface ClientParts {
  readonly simulation: Simulation;
  readonly model: ClientModel;
  readonly provider: ModelProvider;
  readonly sink: Sink;
  readonly epochUs: number;
  /** Where all clients of a run send their requests. */
  readonly wire: ModelWire;
  /** Its name among several replicas. */
  readonly replica?: string;
  /** Returns the random stream of a call. */
  readonly drawFor: (call: number) => () => number;
}

/** JavaScript timers wait whole milliseconds, at least 1. */
function timerUs(us: number): number {
  return Math.max(1000, Math.floor(us / 1000) * 1000);
}

/** The next step of a call, taken when it is due. */
type Step = 'attempt' | 'send' | 'completeAttempt' | 'fail';

/** An open call. It waits for one step at a time. */
class ModelCall implements Event, SentRequest {
  step: Step = 'attempt';
  retries = 0;
  waitedUs = 0;
  sentUs = 0;
  reply: ModelReply | undefined;
  timesOut = false;
  lastStatus: number | undefined;
  draw: (() => number) | undefined;
  readonly client: ModelClient;
  readonly id: number;
  readonly request: ModelRequest;
  readonly startUs: number;
  readonly done: (end: CallEnd) => void;

  constructor(client: ModelClient, id: number, request: ModelRequest, startUs: number, done: (end: CallEnd) => void) {
    this.client = client;
    this.id = id;
    this.request = request;
    this.startUs = startUs;
    this.done = done;
  }

  due(): void {
    this.client.proceed(this);
  }

  arrive(): void {
    this.client.receive(this);
  }
}

/** A modelled client. All VUs share it and its gates. */
export class ModelClient {
  readonly #parts: ClientParts;
  readonly #simulation: Simulation;
  readonly #model: ClientModel;
  readonly #pacer: Pacer | null;
  readonly #budget: Budget | null;
  readonly #breaker: BreakerState | null;
  readonly #flight: InFlightLimit | null;
  readonly #waitingCalls: ModelCall[] = [];
  readonly #waitingAttempts: ModelCall[] = [];
  readonly #sent = new Set<ModelCall>();
  #openCalls = 0;
  #isStopped = false;

  constructor(parts: ClientParts) {
    const { model } = parts;
    this.#parts = parts;
    this.#simulation = parts.simulation;
    this.#model = model;
    this.#pacer = model.pace === 'cubic' ? cubicPacer() : model.pace && steadyPacer(model.pace);
    this.#budget = model.budget && createBudget(model.budget);
    this.#breaker = model.breaker && createBreaker(model.breaker);
    this.#flight = model.aimd && createInFlightLimit(model.aimd);
  }

  /** Starts a call. `done` is called when it ends. */
  call(id: number, request: ModelRequest, done: (end: CallEnd) => void): void {
    this.#budget?.call();
    const call = new ModelCall(this, id, request, this.#simulation.nowUs, done);
    if (this.#openCalls < (this.#model.concurrency ?? Infinity)) this.#begin(call);
    else this.#waitingCalls.push(call);
  }

  /** Ends the run: attempts in flight are reported as open. */
  close(): void {
    for (const call of this.#sent) this.#report(call, 'open');
  }

  /** Ends it, as a process ends: its attempts in flight are aborted, and none of its calls ends. */
  stop(): void {
    this.#isStopped = true;
    for (const call of this.#sent) {
      if (call.reply) this.#parts.provider.finish(call.reply.id, this.#parts.epochUs + this.#simulation.nowUs);
      this.#report(call, 'aborted');
    }
    this.#sent.clear();
  }

  /** Takes the next step of a call. */
  proceed(call: ModelCall): void {
    if (!this.#isStopped) this[call.step](call);
  }

  attempt(call: ModelCall): void {
    const { nowUs } = this.#simulation;
    if (this.#breaker && !this.#breaker.admits(nowUs)) {
      this.#later(call, 1000, 'fail');
      return;
    }
    const waitUs = this.#pacer ? this.#pacer.waitUs(nowUs) : 0;
    if (waitUs > 0) this.#later(call, timerUs(waitUs + 999), 'send');
    else this.send(call);
  }

  send(call: ModelCall): void {
    if (this.#flight && this.#sent.size >= this.#flight.current) {
      this.#waitingAttempts.push(call);
      return;
    }
    this.#sent.add(call);
    call.sentUs = this.#simulation.nowUs;
    call.reply = undefined;
    this.#parts.wire.add(call);
  }

  /** Ends the attempt: its reply has arrived, or it has timed out. */
  completeAttempt(call: ModelCall): void {
    const { ok, failure, id } = call.reply!;
    const { nowUs } = this.#simulation;
    const result: AttemptResult = call.timesOut ? 'failed' : ok ? 'ok' : failure?.status === 429 ? 'refused' : 'failed';
    this.#sent.delete(call);
    this.#parts.provider.finish(id, this.#parts.epochUs + nowUs);
    this.#report(call, call.timesOut ? 'aborted' : call.reply!.breaks ? 'reset' : 'response');
    this.#pacer?.ended(nowUs, result);
    this.#breaker?.ended(nowUs, result);
    this.#budget?.ended(result, call.retries > 0);
    this.#flight?.ended(result, this.#sent.size + 1);
    while (this.#flight && this.#sent.size < this.#flight.current && this.#waitingAttempts.length > 0) {
      this.send(this.#waitingAttempts.shift()!);
    }
    if (result === 'ok') this.#finish(call, { ok: true });
    else this.#retry(call);
  }

  /** Lets the provider decide on a request. */
  receive(call: ModelCall): void {
    if (this.#isStopped) return;
    const { sink, provider, epochUs, replica } = this.#parts;
    const { nowUs } = this.#simulation;
    const timeoutUs = this.#model.timeoutUs ?? Infinity;
    const deadlineUs = this.#model.deadlineUs ?? Infinity;
    const reply = provider.reply(call.request, epochUs + nowUs);
    const maxUs = Math.min(timeoutUs, deadlineUs - (nowUs - call.startUs));
    call.reply = sink.detailed
      ? { ...reply, view: always({ ...reply.view(call.id), ...(replica && { replica }) }) }
      : reply;
    call.timesOut = reply.endAfterUs > maxUs;
    this.#later(call, call.timesOut ? maxUs : reply.endAfterUs, 'completeAttempt');
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
    this.#simulation.at(this.#simulation.nowUs + us, call);
  }

  #retry(call: ModelCall): void {
    const { retries } = this.#model;
    const failure = call.timesOut ? { status: undefined } : call.reply!.failure!;
    call.lastStatus = failure.status;
    call.draw ??= this.#parts.drawFor(call.id);
    const waitUs = nextWaitUs(retries, call.retries, failure, call.draw, call.waitedUs);
    const leftUs = (this.#model.deadlineUs ?? Infinity) - (this.#simulation.nowUs - call.startUs);
    if (waitUs === null || (this.#budget && !this.#budget.take())) this.fail(call);
    else if (waitUs >= leftUs) this.#later(call, Math.max(0, leftUs), 'fail');
    else {
      call.retries++;
      call.waitedUs = waitUs;
      this.#later(call, timerUs(waitUs), 'attempt');
    }
  }

  #report({ reply, sentUs, id }: ModelCall, outcome: 'response' | 'reset' | 'aborted' | 'open'): void {
    const { sink, epochUs } = this.#parts;
    sink.attempt();
    if (!sink.detailed || !reply) return;
    const startUs = epochUs + sentUs;
    const endUs = epochUs + this.#simulation.nowUs;
    const headersUs = startUs + (reply.headAfterUs ?? Infinity);
    sink.exchange({
      view: reply.view(id),
      startUs,
      ...(headersUs <= endUs && { headersUs }),
      endUs,
      outcome,
    });
  }
}

function always<Value>(value: Value): () => Value {
  return () => value;
}
