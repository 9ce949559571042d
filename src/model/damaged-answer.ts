import type { Subject } from '../../mock-server/admission/limit.ts';
import { roughCounter } from '../../mock-server/completion/tokens.ts';
import type { RequestContext, ResponseDraft } from '../../mock-server/dialects/dialect.ts';
import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import { isAnswered } from '../../mock-server/ending.ts';
import type { DecidedReply } from '../../mock-server/provider-view.ts';
import { type Random, randomFor } from '../../mock-server/random.ts';
import type { Reply } from '../../mock-server/reply.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type ModelReply, wholeMs } from './model-reply.ts';
import type { ModelRequest } from './model-request.ts';

/** Writes the whole answer to a request, as the provider would; `nowUs` is when it was received. */
export type WriteAnswer = (request: ModelRequest, nowUs: number) => ResponseDraft;

/**
 * Creates the writer of answers in the dialect of a scenario. It makes the same draws of `latency` as an answer that is only
 * timed, and like those it ignores rules.
 */
export function createAnswerWriter({ provider }: Scenario, subject: Subject, latency: Random): WriteAnswer {
  const dialect = DIALECTS[provider.dialect];
  const { answer } = provider;
  const plain = typeof answer === 'object' && 'rules' in answer ? answer.otherwise : answer;
  const settings = { ...provider, answer: plain };
  const random = { ids: randomFor(provider.seed, 'ids'), text: randomFor(provider.seed, 'text'), latency };
  const { promptFormat } = dialect.reader;
  const base = dialect.environment('', subject.key)[promptFormat.baseVariable]!;
  return (asked, nowUs) => {
    const memory = { ruleCounts: new Map(), conversations: new Map() };
    const context: RequestContext = {
      nowUs,
      dateSkewUs: 0,
      requestId: '',
      random,
      settings,
      tokens: roughCounter,
      memory,
    };
    const request = {
      method: 'POST',
      target: base + promptFormat.path(asked),
      headers: promptFormat.headers(subject.key),
      body: JSON.stringify(promptFormat.body(asked)),
      ip: subject.ip,
    };
    const parsed = dialect.parseRequest(request, context);
    return 'response' in parsed ? parsed.response : parsed.answer(context);
  };
}

/** When the last frame of a reply is due, in microseconds after receipt. */
export function endOf({ frames, headAfterUs }: Pick<ResponseDraft, 'frames' | 'headAfterUs'>): number {
  return Math.max(headAfterUs, frames.at(-1)?.afterUs ?? 0);
}

/** The times and the result of an answer that a fault damaged, and that a limit delayed by `delayUs`. */
export function damagedReply(
  { content, ending, body }: Required<Pick<DecidedReply, 'content' | 'ending' | 'body'>>,
  delayUs: number,
): Omit<ModelReply, 'id' | 'view'> {
  const hasHead = ending !== 'stall' || content.frames.length > 0;
  const breaks = ending === 'truncate' || ending === 'reset';
  const outcome = breaks ? 'reset' : 'response';
  const ok = ending !== 'stall' && isAnswered({ outcome, status: content.status, ...body });
  return {
    ok,
    ...(hasHead && { headAfterUs: wholeMs(delayUs + content.headAfterUs) }),
    endAfterUs: ending === 'stall' ? Infinity : wholeMs(delayUs + endOf(content)),
    ...(breaks && { breaks }),
    ...(!ok && { failure: { status: undefined } }),
  };
}

/** An error whose time and end faults change. */
export function timed<Failed extends Omit<ModelReply, 'view'>>(
  failed: Failed,
  draft: ResponseDraft,
  ending?: Reply['ending'],
): Failed {
  const sent = { ...failed, headAfterUs: wholeMs(draft.headAfterUs), endAfterUs: wholeMs(endOf(draft)) };
  if (ending === 'stall') return { ...sent, endAfterUs: Infinity, failure: { status: undefined } };
  return ending === 'truncate' || ending === 'reset' ? { ...sent, breaks: true, failure: { status: undefined } } : sent;
}
