import type { Admission } from '../../mock-server/admission/admission.ts';
import type { Cost, Subject } from '../../mock-server/admission/limit.ts';
import { countAnswerTokens } from '../../mock-server/completion/outcome.ts';
import { estimateTokens } from '../../mock-server/completion/tokens.ts';
import type { Dialect, FailureContext } from '../../mock-server/dialects/dialect.ts';
import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import { combine } from '../../mock-server/faults/combine.ts';
import {
  createFaults,
  type FaultEffect,
  type Faults,
  type ReplacingFault,
  replacesAnswer,
} from '../../mock-server/faults/fault.ts';
import { actualCost, createMeter, type Meter } from '../../mock-server/meter.ts';
import { meteredView } from '../../mock-server/provider-view.ts';
import { type Random, randomFor } from '../../mock-server/random.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { damageAnswer, delayOf, replaceAnswer } from '../../mock-server/respond.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createAnswerWriter, damagedReply, endOf, timed, type WriteAnswer } from './damaged-answer.ts';
import { delayReply, failedReply, type ModelReply, replyTimes, wholeMs } from './model-reply.ts';
import type { ModelRequest } from './model-request.ts';
import { baseView, errorView, subjectOf } from './model-view.ts';

/**
 * A provider without bodies: the real admission and the real latency, and replies that are only times. The same requests at
 * the same times get the same decisions as from the full provider, draw by draw. Times are microseconds since the epoch.
 */
export interface ModelProvider {
  reply(request: ModelRequest, nowUs: number): ModelReply;
  finish(id: number, nowUs: number): void;
}

/** Creates the provider of a scenario as its model meets it. */
export function createModelProvider(scenario: Scenario): ModelProvider {
  return new TimedProvider(scenario);
}

class TimedProvider implements ModelProvider {
  readonly #provider: Scenario['provider'];
  readonly #startUs: number;
  readonly #dialect: Dialect;
  readonly #subject: Subject;
  readonly #meter: Meter;
  readonly #faults: Faults;
  readonly #latency: Random;
  readonly #writeAnswer: WriteAnswer;
  #lastId = 0;
  // Cost depends on two lengths, which in many scenarios never change from one request to the next.
  #costOfLength = 0;
  #costOfMaxTokens: number | undefined;
  #cost: Cost;

  constructor(scenario: Scenario) {
    const { provider, startUs } = scenario;
    this.#provider = provider;
    this.#startUs = startUs;
    this.#dialect = DIALECTS[provider.dialect];
    this.#subject = subjectOf(scenario);
    this.#meter = createMeter(provider, this.#dialect, () => 'model', randomFor(provider.seed, 'retry-after'));
    this.#meter.start(startUs);
    this.#faults = createFaults(provider.faults, randomFor(provider.seed, 'faults'));
    this.#latency = randomFor(provider.seed, 'latency');
    this.#writeAnswer = createAnswerWriter(scenario, this.#subject, this.#latency);
    this.#cost = this.#dialect.estimateCost(0, undefined, provider);
  }

  reply(request: ModelRequest, nowUs: number): ModelReply {
    const effects = this.#nextFaults(request, nowUs);
    const replacing = effects.find(replacesAnswer);
    if (replacing) return this.#replaced(replacing, effects, request, nowUs);
    const admission = this.#meter.decide(this.#subjectOf(request), this.#costOf(request), nowUs);
    if (!admission.admit) return this.#refused(admission, request, nowUs);
    if (effects.some(({ kind }) => kind !== 'slow')) return this.#damaged(admission, request, nowUs, effects);
    return delayReply(this.#admitted(admission, request, nowUs), delayOf(effects));
  }

  #subjectOf({ model }: ModelRequest): Subject {
    return model === this.#subject.model ? this.#subject : { ...this.#subject, model };
  }

  #costOf({ prompt, maxTokens }: ModelRequest): Cost {
    if (prompt.length !== this.#costOfLength || maxTokens !== this.#costOfMaxTokens) {
      this.#costOfLength = prompt.length;
      this.#costOfMaxTokens = maxTokens;
      this.#cost = this.#dialect.estimateCost(prompt.length, maxTokens, this.#provider);
    }
    return this.#cost;
  }

  finish(id: number, nowUs: number): void {
    this.#meter.finish(id, nowUs);
  }

  #nextFaults({ prompt: text, model, stream }: ModelRequest, nowUs: number): readonly FaultEffect[] {
    if (this.#provider.faults.length === 0) return NO_EFFECTS;
    const facts = { endpoint: this.#dialect.mainEndpoint, model, stream, userAgent: 'model', text };
    return combine(this.#faults.next(facts, nowUs - this.#startUs));
  }

  #admitted(admission: Admission, request: ModelRequest, nowUs: number): ModelReply {
    const tokens = this.#answerTokens(request);
    const { headUs, endUs } = replyTimes(this.#provider.latency, tokens, request.stream, this.#latency);
    const { id, size } = this.#charge(admission, request, nowUs, endUs);
    return {
      id,
      ok: true,
      headAfterUs: wholeMs(admission.delayUs + headUs),
      endAfterUs: wholeMs(admission.delayUs + endUs),
      view: (callId) => ({
        ...baseView(this.#dialect, request, callId),
        status: 200,
        ...meteredView(admission, undefined, nowUs),
        ...size,
      }),
    };
  }

  /** An answer that faults damage: only these are written out, since what becomes of them depends on their bodies. */
  #damaged(admission: Admission, request: ModelRequest, nowUs: number, effects: readonly FaultEffect[]): ModelReply {
    const content = this.#writeAnswer(request, nowUs);
    const { id, size } = this.#charge(admission, request, nowUs, endOf(content));
    const sent = damageAnswer(content, effects, this.#dialect, this.#failureContext(request));
    return {
      id,
      ...damagedReply(sent, admission.delayUs),
      view: (callId) => ({
        ...baseView(this.#dialect, request, callId),
        status: sent.content.status,
        fault: sent.fault,
        ...meteredView(admission, undefined, nowUs),
        ...size,
        ...sent.body,
      }),
    };
  }

  /** Charges an admitted request whose answer takes `tookUs`. Returns the id of its reply and the size of its answer. */
  #charge(
    admission: Admission,
    request: ModelRequest,
    nowUs: number,
    tookUs: number,
  ): { readonly id: number; readonly size: Pick<ProviderView, 'promptTokens' | 'completionTokens'> } {
    const id = ++this.#lastId;
    const promptTokens = request.promptTokens ?? estimateTokens(request.prompt.length, 1);
    const completionTokens = this.#answerTokens(request);
    const actual = actualCost(this.#dialect, promptTokens, completionTokens);
    this.#meter.admit(admission, nowUs, { id, endsUs: nowUs + admission.delayUs + tookUs, actual });
    return { id, size: { promptTokens, completionTokens } };
  }

  #answerTokens({ prompt, maxTokens = Infinity }: ModelRequest): number {
    return countAnswerTokens(this.#provider, prompt, maxTokens);
  }

  #refused(admission: Admission, request: ModelRequest, nowUs: number): ModelReply {
    const { kind, retryAfter } = this.#meter.refuse(admission, nowUs);
    const { status } = kind;
    return {
      ...failedReply(++this.#lastId, status, retryAfter),
      view: (callId) => ({
        ...baseView(this.#dialect, request, callId),
        status,
        ...errorView(kind),
        ...meteredView(admission, retryAfter, nowUs),
      }),
    };
  }

  /** The reply for faults of which one replaces the normal reply. It is charged to no limit. */
  #replaced(
    replacing: ReplacingFault,
    effects: readonly FaultEffect[],
    request: ModelRequest,
    nowUs: number,
  ): ModelReply {
    const context = { ...this.#failureContext(request), nowUs, dateSkewUs: 0 };
    const {
      content: draft,
      fault = '',
      ending,
      retryAfter,
    } = replaceAnswer(replacing, effects, this.#dialect, context);
    if (draft.status === 0) {
      return this.#unanswered(fault, request, ending === 'stall' ? Infinity : wholeMs(draft.headAfterUs));
    }
    return {
      ...timed(failedReply(++this.#lastId, draft.status, retryAfter), draft, ending),
      view: (callId) => ({
        ...baseView(this.#dialect, request, callId),
        status: draft.status,
        fault,
        ...errorView(draft),
        ...meteredView(undefined, retryAfter, nowUs),
      }),
    };
  }

  #failureContext(request: ModelRequest): FailureContext {
    return { settings: this.#provider, requestId: '', subject: this.#subjectOf(request) };
  }

  /** A connection that breaks before any reply. */
  #unanswered(fault: string, request: ModelRequest, endAfterUs: number): ModelReply {
    return {
      id: ++this.#lastId,
      ok: false,
      endAfterUs,
      breaks: true,
      failure: { status: undefined },
      view: (callId) => ({
        ...baseView(this.#dialect, request, callId),
        status: 0,
        fault,
        limits: [],
      }),
    };
  }
}

const NO_EFFECTS: readonly FaultEffect[] = [];
