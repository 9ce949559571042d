import type { Admission } from '../../mock-server/admission/admission.ts';
import type { Cost, Subject } from '../../mock-server/admission/limit.ts';
import { countAnswerTokens } from '../../mock-server/completion/outcome.ts';
import { estimateTokens } from '../../mock-server/completion/tokens.ts';
import type { Dialect, FailureContext, ResponseDraft } from '../../mock-server/dialects/dialect.ts';
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
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { CallSettings, Scenario } from '../scenario/scenario.ts';
import { createAnswerWriter, damagedReply, endOf, timed, type WriteAnswer } from './damaged-answer.ts';
import { delayReply, failedReply, type ModelReply, replyTimes, wholeMs } from './model-reply.ts';

/**
 * A provider without bodies: the real admission and the real latency, and replies that are only times. The same requests at
 * the same times get the same decisions as from the full provider, draw by draw. Times are microseconds since the epoch.
 */
export interface ModelProvider {
  reply(prompt: string, nowUs: number): ModelReply;
  finish(id: number, nowUs: number): void;
}

const MODEL_KEY = 'sk-quotalab-model';

/** Creates the provider of a scenario as its model meets it. */
export function createModelProvider(scenario: Scenario): ModelProvider {
  return new TimedProvider(scenario);
}

class TimedProvider implements ModelProvider {
  readonly #provider: Scenario['provider'];
  readonly #call: CallSettings;
  readonly #startUs: number;
  readonly #dialect: Dialect;
  readonly #subject: Subject;
  readonly #meter: Meter;
  readonly #faults: Faults;
  readonly #latency: Random;
  readonly #writeAnswer: WriteAnswer;
  #lastId = 0;
  // Cost depends on the length of the prompt alone, which rarely changes from one prompt to the next.
  #costOfLength = 0;
  #cost: Cost;

  constructor(scenario: Scenario) {
    const { provider, call, startUs } = scenario;
    this.#provider = provider;
    this.#call = call;
    this.#startUs = startUs;
    this.#dialect = DIALECTS[provider.dialect];
    this.#subject = subjectOf(scenario);
    this.#meter = createMeter(provider, this.#dialect, () => 'model', randomFor(provider.seed, 'retry-after'));
    this.#meter.start(startUs);
    this.#faults = createFaults(provider.faults, randomFor(provider.seed, 'faults'));
    this.#latency = randomFor(provider.seed, 'latency');
    this.#writeAnswer = createAnswerWriter(scenario, this.#subject, this.#latency);
    this.#cost = this.#dialect.estimateCost(0, call.maxTokens, provider);
  }

  reply(prompt: string, nowUs: number): ModelReply {
    const effects = this.#nextFaults(prompt, nowUs);
    const replacing = effects.find(replacesAnswer);
    if (replacing) return this.#replaced(replacing, effects, nowUs);
    if (prompt.length !== this.#costOfLength) {
      this.#costOfLength = prompt.length;
      this.#cost = this.#dialect.estimateCost(prompt.length, this.#call.maxTokens, this.#provider);
    }
    const admission = this.#meter.decide(this.#subject, this.#cost, nowUs);
    if (!admission.admit) return this.#refused(admission, nowUs);
    if (effects.some(({ kind }) => kind !== 'slow')) return this.#damaged(admission, prompt, nowUs, effects);
    return delayReply(this.#admitted(admission, prompt, nowUs), delayOf(effects));
  }

  finish(id: number, nowUs: number): void {
    this.#meter.finish(id, nowUs);
  }

  #nextFaults(text: string, nowUs: number): readonly FaultEffect[] {
    if (this.#provider.faults.length === 0) return NO_EFFECTS;
    const { model, stream } = this.#call;
    const facts = { endpoint: this.#dialect.mainEndpoint, model, stream, userAgent: 'model', text };
    return combine(this.#faults.next(facts, nowUs - this.#startUs));
  }

  #admitted(admission: Admission, prompt: string, nowUs: number): ModelReply {
    const tokens = this.#answerTokens(prompt);
    const { headUs, endUs } = replyTimes(this.#provider.latency, tokens, this.#call.stream, this.#latency);
    const { id, size } = this.#charge(admission, prompt, nowUs, endUs);
    return {
      id,
      ok: true,
      headAfterUs: wholeMs(admission.delayUs + headUs),
      endAfterUs: wholeMs(admission.delayUs + endUs),
      view: (callId, text) => ({
        ...baseView(this.#dialect, this.#call, callId, text),
        status: 200,
        ...meteredView(admission, undefined, nowUs),
        ...size,
      }),
    };
  }

  /** An answer that faults damage: only these are written out, since what becomes of them depends on their bodies. */
  #damaged(admission: Admission, prompt: string, nowUs: number, effects: readonly FaultEffect[]): ModelReply {
    const content = this.#writeAnswer(prompt, nowUs);
    const { id, size } = this.#charge(admission, prompt, nowUs, endOf(content));
    const sent = damageAnswer(content, effects, this.#dialect, this.#failureContext());
    return {
      id,
      ...damagedReply(sent, admission.delayUs),
      view: (callId, text) => ({
        ...baseView(this.#dialect, this.#call, callId, text),
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
    prompt: string,
    nowUs: number,
    tookUs: number,
  ): { readonly id: number; readonly size: Pick<ProviderView, 'promptTokens' | 'completionTokens'> } {
    const id = ++this.#lastId;
    const promptTokens = estimateTokens(prompt.length, 1);
    const completionTokens = this.#answerTokens(prompt);
    const actual = actualCost(this.#dialect, promptTokens, completionTokens);
    this.#meter.admit(admission, nowUs, { id, endsUs: nowUs + admission.delayUs + tookUs, actual });
    return { id, size: { promptTokens, completionTokens } };
  }

  #answerTokens(prompt: string): number {
    return countAnswerTokens(this.#provider, prompt, this.#call.maxTokens ?? Infinity);
  }

  #refused(admission: Admission, nowUs: number): ModelReply {
    const { kind, retryAfter } = this.#meter.refuse(admission, nowUs);
    const { status } = kind;
    return {
      ...failedReply(++this.#lastId, status, retryAfter),
      view: (callId, text) => ({
        ...baseView(this.#dialect, this.#call, callId, text),
        status,
        ...errorView(kind),
        ...meteredView(admission, retryAfter, nowUs),
      }),
    };
  }

  /** The reply for faults of which one replaces the normal reply. It is charged to no limit. */
  #replaced(replacing: ReplacingFault, effects: readonly FaultEffect[], nowUs: number): ModelReply {
    const context = { ...this.#failureContext(), nowUs, dateSkewUs: 0 };
    const {
      content: draft,
      fault = '',
      ending,
      retryAfter,
    } = replaceAnswer(replacing, effects, this.#dialect, context);
    if (draft.status === 0) {
      return this.#unanswered(fault, ending === 'stall' ? Infinity : wholeMs(draft.headAfterUs));
    }
    return {
      ...timed(failedReply(++this.#lastId, draft.status, retryAfter), draft, ending),
      view: (callId, text) => ({
        ...baseView(this.#dialect, this.#call, callId, text),
        status: draft.status,
        fault,
        ...errorView(draft),
        ...meteredView(undefined, retryAfter, nowUs),
      }),
    };
  }

  #failureContext(): FailureContext {
    return { settings: this.#provider, requestId: '', subject: this.#subject };
  }

  /** A connection that breaks before any reply. */
  #unanswered(fault: string, endAfterUs: number): ModelReply {
    return {
      id: ++this.#lastId,
      ok: false,
      endAfterUs,
      breaks: true,
      failure: { status: undefined },
      view: (callId, text) => ({
        ...baseView(this.#dialect, this.#call, callId, text),
        status: 0,
        fault,
        limits: [],
      }),
    };
  }
}

const NO_EFFECTS: readonly FaultEffect[] = [];

function subjectOf({ provider, call }: Pick<Scenario, 'provider' | 'call'>): Subject {
  return {
    key: provider.keys === 'any' ? MODEL_KEY : (provider.keys[0] ?? MODEL_KEY),
    organization: provider.organization,
    project: 'proj_default',
    model: call.model,
    ip: '127.0.0.1',
    userAgent: 'model',
    content: '',
  };
}

function errorView({ errorType, errorCode }: Pick<ResponseDraft, 'errorType' | 'errorCode'>): Partial<ProviderView> {
  return { ...(errorType && { errorType }), ...(errorCode && { errorCode }) };
}

/** The part of the view common to all attempts of a modelled client, which have no body to hash. */
function baseView(
  { mainEndpoint }: Dialect,
  { model, stream }: CallSettings,
  call: number,
  prompt: string,
): Omit<ProviderView, 'limits' | 'status'> {
  return {
    endpoint: mainEndpoint,
    model,
    key: 'model',
    bodyHash: `call-${call}`,
    bodyBytes: utf8Length(prompt),
    stream,
    callTag: String(call),
  };
}
