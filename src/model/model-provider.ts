import type { Admission } from '../../mock-server/admission/admission.ts';
import type { Subject } from '../../mock-server/admission/limit.ts';
import { lastTokenUs, tokenTimesUs } from '../../mock-server/completion/latency.ts';
import { tokensOf } from '../../mock-server/completion/text.ts';
import { estimateTokens } from '../../mock-server/completion/tokens.ts';
import type { RetryAfterHeaders } from '../../mock-server/dialects/dialect.ts';
import { dialectOf } from '../../mock-server/dialects/dialects.ts';
import { faultAt } from '../../mock-server/faults/fault.ts';
import { actualCost, createMeter } from '../../mock-server/meter.ts';
import { type Random, randomFor } from '../../mock-server/random.ts';
import { LEAST_REPLY_US, type Sight } from '../../mock-server/reply.ts';
import type { Latency } from '../../mock-server/settings.ts';
import { meteredSight } from '../../mock-server/sight.ts';
import type { Failure } from '../retry/policy.ts';
import type { CallSettings, Scenario } from '../scenario/scenario.ts';

/** What becomes of one request. Microseconds after it was received, at the end of a millisecond. */
export interface Answer {
  /** Names it to `finish`. */
  readonly id: number;
  readonly ok: boolean;
  readonly headAfterUs: number;
  readonly endAfterUs: number;
  /** What a client that retries looks at; absent for a success. */
  readonly failure?: Failure;
  /** What a journal keeps of it; asked for at once or never. */
  sight(call: number, prompt: string): Sight;
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
  };
  let lastId = 0;
  // Prompts of one length cost the same, and most are as long as the one before.
  let costOfLength = 0;
  let cost = dialect.costOf(0, call.maxTokens, provider);

  function admitted(admission: Admission, prompt: string, nowUs: number): Answer {
    const tokens = tokensOf(provider.answer, prompt, provider.answerTokens, call.maxTokens ?? Infinity);
    const { headUs, endUs } = timesOf(provider.latency, tokens, call.stream, latency);
    const id = ++lastId;
    const promptTokens = estimateTokens(prompt.length, 1);
    const actual = actualCost(promptTokens, tokens);
    meter.admit(admission, nowUs, { id, endsUs: nowUs + admission.delayUs + endUs, actual });
    return {
      id,
      ok: true,
      headAfterUs: wholeMs(admission.delayUs + headUs),
      endAfterUs: wholeMs(admission.delayUs + endUs),
      sight: (number, asked) => ({
        ...sightOf(call, number, asked),
        status: 200,
        ...meteredSight(admission, undefined, nowUs),
        promptTokens,
        completionTokens: tokens,
      }),
    };
  }

  function refused(admission: Admission, nowUs: number): Answer {
    const { kind, retryAfter } = meter.refuse(admission, nowUs);
    const { status, errorType, errorCode } = kind;
    return {
      ...failed(status, retryAfter),
      sight: (number, asked) => ({
        ...sightOf(call, number, asked),
        status,
        errorType,
        errorCode,
        ...meteredSight(admission, retryAfter, nowUs),
      }),
    };
  }

  function failed(status: number, retryAfter?: RetryAfterHeaders): Omit<Answer, 'sight'> {
    const { seconds, milliseconds } = waitsOf(retryAfter);
    const failure = { status, seconds, milliseconds };
    return { id: ++lastId, ok: false, headAfterUs: LEAST_REPLY_US, endAfterUs: LEAST_REPLY_US, failure };
  }

  function faulty(faultStatus: number): Answer {
    const { status, errorType, errorCode } = dialect.fault(faultStatus);
    const kind = { status, ...(errorType && { errorType }), ...(errorCode && { errorCode }) };
    return { ...failed(status), sight: (number, asked) => ({ ...sightOf(call, number, asked), ...kind, limits: [] }) };
  }

  return {
    answer(prompt, nowUs) {
      const fault = faultAt(provider.faults, nowUs - startUs);
      if (fault) return faulty(fault.status);
      if (prompt.length !== costOfLength) {
        costOfLength = prompt.length;
        cost = dialect.costOf(prompt.length, call.maxTokens, provider);
      }
      const admission = meter.decide(subject, cost, nowUs);
      return admission.admit ? admitted(admission, prompt, nowUs) : refused(admission, nowUs);
    },
    finish: meter.finish,
  };
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

function wholeMs(us: number): number {
  return Math.max(LEAST_REPLY_US, Math.ceil(us / 1000) * 1000);
}

const NOTHING_TOLD: Pick<Failure, 'seconds' | 'milliseconds'> = {};

function waitsOf(retryAfter: RetryAfterHeaders | undefined): Pick<Failure, 'seconds' | 'milliseconds'> {
  if (!retryAfter) return NOTHING_TOLD;
  const { headers, raw, meansUs } = retryAfter;
  const ms = headers['retry-after-ms'];
  const number = Number(raw);
  // A date is read as the wait it means; what is no number and no date is nothing.
  const seconds = number >= 0 ? number : meansUs === undefined ? undefined : meansUs / 1e6;
  return { milliseconds: ms === undefined ? undefined : Number(ms), seconds };
}

/** What is the same of every attempt of a modelled client; there is no body to be hashed. */
function sightOf({ model, stream }: CallSettings, call: number, prompt: string): Omit<Sight, 'limits' | 'status'> {
  return {
    endpoint: 'chat.completions',
    model,
    key: 'model',
    bodyHash: `call-${call}`,
    bodyBytes: prompt.length,
    stream,
    callTag: String(call),
  };
}
