import type { Admission } from '../../mock-server/admission/admission.ts';
import type { Subject } from '../../mock-server/admission/limit.ts';
import { lastTokenUs, tokenTimesUs } from '../../mock-server/completion/latency.ts';
import { countAnswerTokens } from '../../mock-server/completion/outcome.ts';
import { estimateTokens } from '../../mock-server/completion/tokens.ts';
import type { Dialect, ResponseDraft, RetryAfterHeaders } from '../../mock-server/dialects/dialect.ts';
import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import { parseHttpDate } from '../../mock-server/dialects/http-date.ts';
import { createFaults, type FaultEffect } from '../../mock-server/faults/fault.ts';
import { actualCost, createMeter } from '../../mock-server/meter.ts';
import { meteredView } from '../../mock-server/provider-view.ts';
import { type Random, randomFor } from '../../mock-server/random.ts';
import { MIN_REPLY_US, type ProviderView } from '../../mock-server/reply.ts';
import { faultWait } from '../../mock-server/respond.ts';
import type { Latency } from '../../mock-server/settings.ts';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { Failure } from '../retry/policy.ts';
import type { CallSettings, Scenario } from '../scenario/scenario.ts';

/** The reply to one request. Times are microseconds after it was received, rounded up to milliseconds. */
export interface ModelReply {
  /** Identifies the request in `finish`. */
  readonly id: number;
  readonly ok: boolean;
  readonly headAfterUs: number;
  readonly endAfterUs: number;
  /** The connection breaks before a reply. */
  readonly connectionBreaks?: true;
  /** The input of a retry policy; absent for a success. */
  readonly failure?: Failure;
  /** Returns the provider's view for the journal. Call it immediately or not at all: it reads the current limit state. */
  view(call: number, prompt: string): ProviderView;
}

/**
 * A provider without bodies: the real admission and the real latency, and replies that are only times. The same requests at
 * the same times get the same decisions as from the full provider, draw by draw. Times are microseconds since the epoch.
 */
export interface ModelProvider {
  reply(prompt: string, nowUs: number): ModelReply;
  finish(id: number, nowUs: number): void;
}

const MODEL_KEY = 'sk-quotalab-model';

export function createModelProvider({ provider, call, startUs }: Scenario): ModelProvider {
  const dialect = DIALECTS[provider.dialect];
  const meter = createMeter(provider, dialect, () => 'model', randomFor(provider.seed, 'retry-after'));
  const latency = randomFor(provider.seed, 'latency');
  const subject: Subject = {
    key: provider.keys === 'any' ? MODEL_KEY : (provider.keys[0] ?? MODEL_KEY),
    organization: provider.organization,
    project: 'proj_default',
    model: call.model,
    ip: '127.0.0.1',
    userAgent: 'model',
    content: '',
  };
  const faults = createFaults(provider.faults, randomFor(provider.seed, 'faults'));
  const facts = { endpoint: dialect.mainEndpoint, model: call.model, stream: call.stream, userAgent: 'model' };
  let lastId = 0;
  // Cost depends on the length of the prompt alone, which rarely changes from one prompt to the next.
  let costOfLength = 0;
  let cost = dialect.estimateCost(0, call.maxTokens, provider);

  function admitted(admission: Admission, prompt: string, nowUs: number): ModelReply {
    const tokens = countAnswerTokens(provider, prompt, call.maxTokens ?? Infinity);
    const { headUs, endUs } = replyTimes(provider.latency, tokens, call.stream, latency);
    const id = ++lastId;
    const promptTokens = estimateTokens(prompt.length, 1);
    const actual = actualCost(dialect, promptTokens, tokens);
    meter.admit(admission, nowUs, { id, endsUs: nowUs + admission.delayUs + endUs, actual });
    return {
      id,
      ok: true,
      headAfterUs: wholeMs(admission.delayUs + headUs),
      endAfterUs: wholeMs(admission.delayUs + endUs),
      view: (callId, text) => ({
        ...baseView(dialect, call, callId, text),
        status: 200,
        ...meteredView(admission, undefined, nowUs),
        promptTokens,
        completionTokens: tokens,
      }),
    };
  }

  function refused(admission: Admission, nowUs: number): ModelReply {
    const { kind, retryAfter } = meter.refuse(admission, nowUs);
    const { status } = kind;
    return {
      ...failedReply(++lastId, status, retryAfter),
      view: (callId, text) => ({
        ...baseView(dialect, call, callId, text),
        status,
        ...errorView(kind),
        ...meteredView(admission, retryAfter, nowUs),
      }),
    };
  }

  return {
    reply(prompt, nowUs) {
      const fault = provider.faults.length === 0 ? undefined : faults.next({ ...facts, text: prompt }, nowUs - startUs);
      if (fault && fault.kind !== 'slow') return faultReply(++lastId, fault, dialect, { provider, call, nowUs });
      if (prompt.length !== costOfLength) {
        costOfLength = prompt.length;
        cost = dialect.estimateCost(prompt.length, call.maxTokens, provider);
      }
      const admission = meter.decide(subject, cost, nowUs);
      if (!admission.admit) return refused(admission, nowUs);
      return delayReply(admitted(admission, prompt, nowUs), fault?.byUs ?? 0);
    },
    finish: meter.finish,
  };
}

function failedReply(id: number, status: number | undefined, retryAfter?: RetryAfterHeaders): Omit<ModelReply, 'view'> {
  const { seconds, milliseconds } = requestedWaits(retryAfter);
  const failure = { status, seconds, milliseconds };
  return { id, ok: false, headAfterUs: MIN_REPLY_US, endAfterUs: MIN_REPLY_US, failure };
}

/** The reply for a fault that replaces the normal reply. It is charged to no limit. */
function faultReply(
  id: number,
  fault: FaultEffect,
  dialect: Dialect,
  { provider, call, nowUs }: Pick<Scenario, 'provider' | 'call'> & { readonly nowUs: number },
): ModelReply {
  const { kind } = fault;
  if (kind !== 'status' && kind !== 'refuse') {
    const faultView = { status: 0, fault: kind, limits: [] };
    return {
      ...failedReply(id, undefined),
      connectionBreaks: true,
      view: (callId, text) => ({ ...baseView(dialect, call, callId, text), ...faultView }),
    };
  }
  const draft = dialect.fail(fault, { settings: provider, requestId: '' });
  const asked = kind === 'refuse' && fault.retryAfter !== undefined ? faultWait(fault.retryAfter) : undefined;
  const retryAfter = asked && dialect.retryAfterHeaders(asked, nowUs);
  const faultView = {
    status: draft.status,
    fault: kind,
    ...errorView(draft),
    ...meteredView(undefined, retryAfter, nowUs),
  };
  return {
    ...failedReply(id, draft.status, retryAfter),
    view: (callId, text) => ({ ...baseView(dialect, call, callId, text), ...faultView }),
  };
}

function errorView({ errorType, errorCode }: Pick<ResponseDraft, 'errorType' | 'errorCode'>): Partial<ProviderView> {
  return { ...(errorType && { errorType }), ...(errorCode && { errorCode }) };
}

/** Returns when the head and the last byte of a generated answer are due. */
function replyTimes(
  latency: Latency,
  tokens: number,
  stream: boolean,
  random: Random,
): { headUs: number; endUs: number } {
  if (!stream) {
    const endUs = lastTokenUs(latency, tokens, random);
    return { headUs: endUs, endUs };
  }
  const all = tokenTimesUs(latency, tokens, random);
  return { headUs: all[0]!, endUs: all.at(-1)! };
}

/** Delays a reply because of a `slow` fault. */
function delayReply(reply: ModelReply, byUs: number): ModelReply {
  if (byUs === 0) return reply;
  const { view } = reply;
  return {
    ...reply,
    headAfterUs: wholeMs(reply.headAfterUs + byUs),
    endAfterUs: wholeMs(reply.endAfterUs + byUs),
    view: (call, prompt) => ({ ...view(call, prompt), fault: 'slow' }),
  };
}

function wholeMs(us: number): number {
  return Math.max(MIN_REPLY_US, Math.ceil(us / 1000) * 1000);
}

const NO_RETRY_AFTER: Pick<Failure, 'seconds' | 'milliseconds'> = {};

function requestedWaits(retryAfter: RetryAfterHeaders | undefined): Pick<Failure, 'seconds' | 'milliseconds'> {
  if (!retryAfter) return NO_RETRY_AFTER;
  const { headers, raw, statedWaitUs, source } = retryAfter;
  // Clients that read headers do not see a wait stated in the body.
  if (headers['retry-after'] === undefined && headers['retry-after-ms'] === undefined) return NO_RETRY_AFTER;
  const ms = headers['retry-after-ms'];
  const number = Number(raw);
  // A date counts as the wait until it; anything that is neither a number nor a date is ignored.
  const isDate = source === 'retry-after' && parseHttpDate(raw) !== undefined;
  const seconds = number >= 0 ? number : isDate && statedWaitUs !== undefined ? statedWaitUs / 1e6 : undefined;
  return { milliseconds: ms === undefined ? undefined : Number(ms), seconds };
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
