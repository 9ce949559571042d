import type { Ask, Turn } from './ask.ts';
import { lastUserText } from './ask.ts';

/**
 * When a rule speaks. Names and meanings are those of aimock's fixture files, so that they can be used as they are:
 * texts match where they are contained, `model` and ids where they are equal.
 */
export interface RuleMatch {
  readonly userMessage?: string;
  readonly systemMessage?: string | readonly string[];
  /** Text of an embedding's or a moderation's input. */
  readonly inputText?: string;
  readonly toolCallId?: string;
  readonly toolResultContains?: string;
  readonly toolName?: string;
  readonly model?: string;
  readonly responseFormat?: string;
  /** Which occurrence of this match, from 0. */
  readonly sequenceIndex?: number;
  /** How many answers of the assistant came before. */
  readonly turnIndex?: number;
  readonly hasToolResult?: boolean;
  readonly endpoint?: string;
}

/** An error that a rule answers with. */
export interface RuleError {
  readonly status: number;
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
  /** Seconds, as `retry-after`. */
  readonly retryAfter?: number;
}

export interface RuleCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  readonly id?: string;
}

/** What a rule says: a text, calls of tools, both, a vector, or an error. */
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

/** What rules need to know beside the ask. */
export interface RuleFacts {
  readonly endpoint: 'chat' | 'embedding' | 'moderation';
  readonly inputText?: string;
}

/** How often each match has been answered: rules that differ in their `sequenceIndex` alone share a count. */
export type RuleCounts = Map<string, number>;

/** The rule that speaks to an ask, as aimock would choose it; its occurrence is counted. */
export function ruleFor(
  rules: readonly Rule[],
  ask: Ask,
  facts: RuleFacts,
  counts: RuleCounts,
): RuleResponse | undefined {
  const candidates = rules.filter(({ match }) => fits(match, ask, facts) && isNext(match, counts));
  const answered = ask.turns.filter(({ role }) => role === 'assistant').length;
  const chosen = byTurn(candidates, answered);
  if (chosen?.match.sequenceIndex !== undefined) {
    const key = shapeOf(chosen.match);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return chosen?.response;
}

function isNext(match: RuleMatch, counts: RuleCounts): boolean {
  return match.sequenceIndex === undefined || match.sequenceIndex === (counts.get(shapeOf(match)) ?? 0);
}

function shapeOf({ sequenceIndex: _, ...shape }: RuleMatch): string {
  return JSON.stringify(shape);
}

/**
 * Of rules that fit, the one for this point of a conversation: the latest scripted turn that is not ahead of it, unless a
 * rule without a turn comes first and that turn is just now; else a rule without a turn; else the earliest script.
 */
function byTurn(candidates: readonly Rule[], answered: number): Rule | undefined {
  const turnOf = ({ match }: Rule): number => match.turnIndex ?? Number.NaN;
  const plain = candidates.find(({ match }) => match.turnIndex === undefined);
  const scripted = candidates.filter(({ match }) => match.turnIndex !== undefined);
  const behind = scripted.filter((rule) => turnOf(rule) <= answered);
  const latest = Math.max(...behind.map(turnOf));
  const best = behind.find((rule) => turnOf(rule) === latest);
  if (best) {
    const first = plain && candidates.indexOf(plain) < candidates.indexOf(best);
    return first && latest === answered ? plain : best;
  }
  const earliest = Math.min(...scripted.map(turnOf));
  return plain ?? scripted.find((rule) => turnOf(rule) === earliest);
}

function fits(match: RuleMatch, ask: Ask, facts: RuleFacts): boolean {
  const { turns } = ask;
  const last = turns.at(-1);
  return (
    (match.endpoint ?? facts.endpoint) === facts.endpoint &&
    contains(match.userMessage, () => lastUserText(turns)) &&
    containsAll(match.systemMessage, turns) &&
    contains(match.inputText, () => facts.inputText ?? '') &&
    (match.toolCallId === undefined || (last?.role === 'tool' && last.toolCallId === match.toolCallId)) &&
    (match.toolResultContains === undefined ||
      (last?.role === 'tool' && last.text.includes(match.toolResultContains))) &&
    (match.toolName === undefined || ask.tools.some(({ name }) => name === match.toolName)) &&
    (match.model === undefined || isModel(match.model, ask.model)) &&
    (match.responseFormat === undefined || (ask.schema !== undefined) === (match.responseFormat !== 'text')) &&
    (match.hasToolResult === undefined || match.hasToolResult === hasToolResult(turns))
  );
}

/** The name itself, or a dated snapshot of it. */
function isModel(wanted: string, model: string): boolean {
  return model === wanted || (model.startsWith(wanted) && /^-\d/.test(model.slice(wanted.length)));
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

/** Whether a tool has answered since the user last spoke. */
export function hasToolResult(turns: readonly Turn[]): boolean {
  const spoken = turns.findLastIndex(({ role }) => role === 'user');
  return turns.slice(spoken + 1).some(({ role }) => role === 'tool');
}
