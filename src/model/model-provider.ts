import type { Admission } from '../../mock-server/admission/admission.ts';
import type { Subject } from '../../mock-server/admission/limit.ts';
import { lastTokenUs, tokenTimesUs } from '../../mock-server/completion/latency.ts';
import { tokensOf } from '../../mock-server/completion/outcome.ts';
import { estimateTokens } from '../../mock-server/completion/tokens.ts';
import type { Content, Dialect, RetryAfterHeaders } from '../../mock-server/dialects/dialect.ts';
import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import { createFaults, type FaultEffect } from '../../mock-server/faults/fault.ts';
import { actualCost, createMeter } from '../../mock-server/meter.ts';
import { meteredSight } from '../../mock-server/provider-view.ts';
import { type Random, randomFor } from '../../mock-server/random.ts';
import { LEAST_REPLY_US, type ProviderView } from '../../mock-server/reply.ts';
import type { Latency } from '../../mock-server/settings.ts';
import type { Failure } from '../retry/policy.ts';
import type { CallSettings, Scenario } from '../scenario/scenario.ts';

/** What becomes of one request. Microseconds after it was received, at the end of a millisecond. */
export interface Answer {
  /** Names it to `finish`. */
  readonly id: number;
  readonly ok: boolean;
  readonly headAfterUs: number;
  readonly endAfterUs: number;
  /** The connection breaks before there is an answer. */
  readonly breaks?: true;
  /** What a client that retries looks at; absent for a success. */
  readonly failure?: Failure;
  /** What a journal keeps of it; asked for at once or never. */
  sight(call: number, prompt: string): ProviderView;
}

/**
 * A provider that answers with times alone: the real admission and the real latency, no bodies. The same requests at the
 * same times are decided as the whole provider decides them, draw by draw. Times are microseconds since the epoch.
 */
export interface ModelProvider {
  answer(prompt: string, nowUs: number): Answer;
  finish(id: number, nowUs: number): void;
}

const MODEL_KEY = 'sk-quotalab-model';

export function createModelProvider({ provider, call, startUs }: Scenario): ModelProvider {
  const dialect = dialectOf(provider);
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
  // Prompts of one length cost the same, and most are as long as the one before.
  let costOfLength = 0;
  let cost = dialect.costOf(0, call.maxTokens, provider);

  function admitted(admission: Admission, prompt: string, nowUs: number): Answer {
    const tokens = tokensOf(provider, prompt, call.maxTokens ?? Infinity);
    const { headUs, endUs } = timesOf(provider.latency, tokens, call.stream, latency);
    const id = ++lastId;
    const promptTokens = estimateTokens(prompt.length, 1);
    const actual = actualCost(dialect, promptTokens, tokens);
    meter.admit(admission, nowUs, { id, endsUs: nowUs + admission.delayUs + endUs, actual });
    return {
      id,
      ok: true,
      headAfterUs: wholeMs(admission.delayUs + headUs),
      endAfterUs: wholeMs(admission.delayUs + endUs),
      sight: (number, asked) => ({
        ...sightOf(dialect, call, number, asked),
        status: 200,
        ...meteredSight(admission, undefined, nowUs),
        promptTokens,
        completionTokens: tokens,
      }),
    };
  }

  function refused(admission: Admission, nowUs: number): Answer {
    const { kind, retryAfter } = meter.refuse(admission, nowUs);
    const { status } = kind;
    return {
      ...failed(++lastId, status, retryAfter),
      sight: (number, asked) => ({
        ...sightOf(dialect, call, number, asked),
        status,
        ...errorSight(kind),
        ...meteredSight(admission, retryAfter, nowUs),
      }),
    };
  }

  return {
    answer(prompt, nowUs) {
      const fault = provider.faults.length === 0 ? undefined : faults.next({ ...facts, text: prompt }, nowUs - startUs);
      if (fault && fault.kind !== 'slow') return faulty(++lastId, fault, dialect, { provider, call });
      if (prompt.length !== costOfLength) {
        costOfLength = prompt.length;
        cost = dialect.costOf(prompt.length, call.maxTokens, provider);
      }
      const admission = meter.decide(subject, cost, nowUs);
      if (!admission.admit) return refused(admission, nowUs);
      return slower(admitted(admission, prompt, nowUs), fault?.byUs ?? 0);
    },
    finish: meter.finish,
  };
}

function failed(id: number, status: number | undefined, retryAfter?: RetryAfterHeaders): Omit<Answer, 'sight'> {
  const { seconds, milliseconds } = waitsOf(retryAfter);
  const failure = { status, seconds, milliseconds };
  return { id, ok: false, headAfterUs: LEAST_REPLY_US, endAfterUs: LEAST_REPLY_US, failure };
}

/** What happens in place of an answer, and is charged to nobody. */
function faulty(
  id: number,
  fault: FaultEffect,
  dialect: Dialect,
  { provider, call }: Pick<Scenario, 'provider' | 'call'>,
): Answer {
  const { kind } = fault;
  if (kind !== 'status' && kind !== 'refuse') {
    const told = { status: 0, fault: kind, limits: [] };
    return {
      ...failed(id, undefined),
      breaks: true,
      sight: (number, asked) => ({ ...sightOf(dialect, call, number, asked), ...told }),
    };
  }
  const trouble = dialect.trouble(fault, { settings: provider, requestId: '' });
  const told = { status: trouble.status, fault: kind, ...errorSight(trouble), limits: [] };
  return {
    ...failed(id, trouble.status),
    sight: (number, asked) => ({ ...sightOf(dialect, call, number, asked), ...told }),
  };
}

function errorSight({ errorType, errorCode }: Pick<Content, 'errorType' | 'errorCode'>): Partial<ProviderView> {
  return { ...(errorType && { errorType }), ...(errorCode && { errorCode }) };
}

/** When the head and the last byte of a generated answer are due. */
function timesOf(latency: Latency, tokens: number, stream: boolean, random: Random): { headUs: number; endUs: number } {
  if (!stream) {
    const endUs = lastTokenUs(latency, tokens, random);
    return { headUs: endUs, endUs };
  }
  const all = tokenTimesUs(latency, tokens, random);
  return { headUs: all[0]!, endUs: all.at(-1)! };
}

/** An answer that begins later, by a fault. */
function slower(answer: Answer, byUs: number): Answer {
  if (byUs === 0) return answer;
  const { sight } = answer;
  return {
    ...answer,
    headAfterUs: wholeMs(answer.headAfterUs + byUs),
    endAfterUs: wholeMs(answer.endAfterUs + byUs),
    sight: (call, prompt) => ({ ...sight(call, prompt), fault: 'slow' }),
  };
}

function wholeMs(us: number): number {
  return Math.max(LEAST_REPLY_US, Math.ceil(us / 1000) * 1000);
}

const NOTHING_TOLD: Pick<Failure, 'seconds' | 'milliseconds'> = {};

function waitsOf(retryAfter: RetryAfterHeaders | undefined): Pick<Failure, 'seconds' | 'milliseconds'> {
  if (!retryAfter) return NOTHING_TOLD;
  const { headers, raw, meansUs } = retryAfter;
  // What a body tells is beyond clients that look at headers.
  if (headers['retry-after'] === undefined && headers['retry-after-ms'] === undefined) return NOTHING_TOLD;
  const ms = headers['retry-after-ms'];
  const number = Number(raw);
  // A date is read as the wait it means; what is no number and no date is nothing.
  const seconds = number >= 0 ? number : meansUs === undefined ? undefined : meansUs / 1e6;
  return { milliseconds: ms === undefined ? undefined : Number(ms), seconds };
}

/** What is the same of every attempt of a modelled client; there is no body to be hashed. */
function sightOf(
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
    bodyBytes: prompt.length,
    stream,
    callTag: String(call),
  };
}
