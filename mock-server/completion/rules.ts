import type { CompletionRequest, Turn } from './completion-request.ts';
import { lastUserText } from './completion-request.ts';

/**
 * When a rule applies. Names and meanings follow aimock, so that its fixture files work unchanged: texts match as substrings,
 * ids exactly, and `model` exactly or as a dated snapshot. aimock lacks `prefill`.
 */
export interface RuleMatch {
  readonly userMessage?: string;
  readonly systemMessage?: string | readonly string[];
  /** Text of an embedding or moderation input. */
  readonly inputText?: string;
  readonly toolCallId?: string;
  readonly toolResultContains?: string;
  readonly toolName?: string;
  readonly model?: string;
  readonly responseFormat?: string;
  /** The occurrence of this match that the rule applies to, from 0. */
  readonly sequenceIndex?: number;
  /** Number of earlier assistant messages. */
  readonly turnIndex?: number;
  readonly hasToolResult?: boolean;
  readonly endpoint?: string;
  /** Whether the last message is the assistant's: the start of the answer, which the model is to continue. */
  readonly prefill?: boolean;
}

/** An error as the response of a rule. */
export interface RuleError {
  readonly status: number;
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  /** Value of `retry-after`, in seconds. */
  readonly retryAfter?: number;
}

export interface RuleCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  readonly id?: string;
}

/** The response of a rule: a text, tool calls, both, a vector, or an error. */
export interface RuleResponse {
  readonly content?: string;
  readonly toolCalls?: readonly RuleCall[];
  readonly embedding?: readonly number[];
  readonly error?: RuleError;
}

export interface Rule {
  readonly match: RuleMatch;
  readonly response: RuleResponse;
}

/** What rules match on in addition to the request. */
export interface RuleFacts {
  readonly endpoint: 'chat' | 'embedding' | 'moderation';
  readonly inputText?: string;
}

/** Number of responses per match; rules that differ only in `sequenceIndex` share a count. */
export type RuleCounts = Map<string, number>;

/** Finds the response of the rule that aimock would choose, and counts its occurrence. */
export function findRuleResponse(
  rules: readonly Rule[],
  request: CompletionRequest,
  facts: RuleFacts,
  counts: RuleCounts,
): RuleResponse | undefined {
  const candidates = rules.filter(({ match }) => matches(match, request, facts) && isNextOccurrence(match, counts));
  const answered = request.turns.filter(({ role }) => role === 'assistant').length;
  const chosen = chooseByTurn(candidates, answered);
  if (chosen?.match.sequenceIndex !== undefined) {
    const key = countKey(chosen.match);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return chosen?.response;
}

function isNextOccurrence(match: RuleMatch, counts: RuleCounts): boolean {
  return match.sequenceIndex === undefined || match.sequenceIndex === (counts.get(countKey(match)) ?? 0);
}

function countKey({ sequenceIndex: _, ...shape }: RuleMatch): string {
  return JSON.stringify(shape);
}

/**
 * Chooses a matching rule by turn: the highest `turnIndex` that the conversation has reached, unless it is the current turn and
 * a rule without `turnIndex` is listed first; else a rule without `turnIndex`; else the lowest `turnIndex`.
 */
function chooseByTurn(candidates: readonly Rule[], answered: number): Rule | undefined {
  const turnIndex = ({ match }: Rule): number => match.turnIndex ?? Number.NaN;
  const plain = candidates.find(({ match }) => match.turnIndex === undefined);
  const scripted = candidates.filter(({ match }) => match.turnIndex !== undefined);
  const behind = scripted.filter((rule) => turnIndex(rule) <= answered);
  const latest = Math.max(...behind.map(turnIndex));
  const best = behind.find((rule) => turnIndex(rule) === latest);
  if (best) {
    const first = plain && candidates.indexOf(plain) < candidates.indexOf(best);
    return first && latest === answered ? plain : best;
  }
  const earliest = Math.min(...scripted.map(turnIndex));
  return plain ?? scripted.find((rule) => turnIndex(rule) === earliest);
}

function matches(match: RuleMatch, request: CompletionRequest, facts: RuleFacts): boolean {
  const { turns } = request;
  const last = turns.at(-1);
  return (
    (match.endpoint ?? facts.endpoint) === facts.endpoint &&
    contains(match.userMessage, () => lastUserText(turns)) &&
    containsAll(match.systemMessage, turns) &&
    contains(match.inputText, () => facts.inputText ?? '') &&
    (match.toolCallId === undefined || (last?.role === 'tool' && last.toolCallId === match.toolCallId)) &&
    (match.toolResultContains === undefined ||
      (last?.role === 'tool' && last.text.includes(match.toolResultContains))) &&
    (match.toolName === undefined || request.tools.some(({ name }) => name === match.toolName)) &&
    (match.model === undefined || isModel(match.model, request.model)) &&
    (match.responseFormat === undefined || (request.schema !== undefined) === (match.responseFormat !== 'text')) &&
    (match.hasToolResult === undefined || match.hasToolResult === hasToolResult(turns)) &&
    (match.prefill === undefined || match.prefill === (last?.role === 'assistant'))
  );
}

/** Returns whether `model` is the expected model or a dated snapshot of it. */
function isModel(expected: string, model: string): boolean {
  return model === expected || (model.startsWith(expected) && /^-\d/.test(model.slice(expected.length)));
}

function contains(needle: string | undefined, text: () => string): boolean {
  return needle === undefined || text().includes(needle);
}

function containsAll(needles: string | readonly string[] | undefined, turns: readonly Turn[]): boolean {
  if (needles === undefined) return true;
  const system = turns
    .filter(({ role }) => role === 'system')
    .map(({ text }) => text)
    .join('\n');
  return [needles].flat().every((needle) => system.includes(needle));
}

/** Returns whether a tool result follows the last user message. */
export function hasToolResult(turns: readonly Turn[]): boolean {
  const lastUser = turns.findLastIndex(({ role }) => role === 'user');
  return turns.slice(lastUser + 1).some(({ role }) => role === 'tool');
}
