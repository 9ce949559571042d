import type { Random } from '../random.ts';
import type { AnswerSettings, ReplySettings } from '../reply-settings.ts';
import { type CompletionRequest, lastUserText, type Tool, type Turn } from './completion-request.ts';
import { requestedAnswerTokens } from './made-prompt.ts';
import { findRuleResponse, hasToolResult, type RuleCall, type RuleCounts, type RuleError } from './rules.ts';
import { generateJson } from './schema-value.ts';
import { type AnswerText, cutAtStop, lorem, textFromPieces } from './text.ts';
import { roughCounter, type TokenCounter } from './tokens.ts';

/** A tool call of the model; `pieces` are its arguments, one token each. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
  readonly pieces: readonly string[];
  /** Set by a rule; otherwise the dialect creates one. */
  readonly id?: string;
}

/** One answer of the model: a text, then tool calls. Either may be missing. */
export interface CompletionOutcome {
  readonly text: AnswerText | null;
  readonly calls: readonly ToolCall[];
  /** Tokens of text and tool calls. */
  readonly tokens: number;
  readonly finish: 'stop' | 'length' | 'tool-calls';
}

/** What an answer depends on in addition to the request. */
export interface CompletionContext {
  readonly settings: Pick<ReplySettings, 'answer' | 'answerTokens' | 'callTools'>;
  readonly random: Random;
  readonly counts: RuleCounts;
  readonly tokens: TokenCounter;
}

/** Generates the answer to a request, or returns the error of a matching rule. */
export function generateOutcome(request: CompletionRequest, context: CompletionContext): CompletionOutcome | RuleError {
  const { answer } = context.settings;
  if (typeof answer !== 'object' || !('rules' in answer)) return generateAnswer(request, answer, context);
  const response = findRuleResponse(answer.rules, request, { endpoint: 'chat' }, context.counts);
  if (!response) return generateAnswer(request, answer.otherwise, context);
  if (response.error) return response.error;
  const calls = (response.toolCalls ?? []).map((call) => toToolCall(call, context.tokens));
  const text = response.content === undefined ? null : toAnswerText(response.content, request, context.tokens);
  return createOutcome(text, calls);
}

type PlainAnswer = Exclude<AnswerSettings, { rules: unknown }>;

function generateAnswer(
  request: CompletionRequest,
  answer: PlainAnswer,
  context: CompletionContext,
): CompletionOutcome {
  const called = chooseTools(request, context);
  if (called.length > 0) {
    return createOutcome(
      null,
      called.map(({ name, schema }) =>
        toToolCall({ name, arguments: generateArguments(schema, context) }, context.tokens),
      ),
    );
  }
  if (request.schema !== undefined) {
    const json = generateJson(request.schema, context.random) ?? '{}';
    return createOutcome(toAnswerText(json, request, context.tokens), []);
  }
  return createOutcome(generateText(request, answer, context), []);
}

function generateText(
  request: CompletionRequest,
  answer: PlainAnswer,
  { settings, random, tokens }: CompletionContext,
): AnswerText {
  const maxTokens = request.maxTokens ?? Infinity;
  if (answer === 'echo') return toAnswerText(lastUserText(request.turns), request, tokens);
  if (answer !== 'lorem') return toAnswerText(afterPrefill(answer.fixed, request.turns), request, tokens);
  const text = lorem(requestedAnswerTokens(lastUserText(request.turns)) ?? settings.answerTokens, maxTokens, random);
  return request.stop.length === 0 ? text : cutAtStop(text, request.stop, tokens.split);
}

/** Returns what is left of a text if the conversation ends with its beginning, as models continue a prefill. */
function afterPrefill(text: string, turns: readonly Turn[]): string {
  const last = turns.at(-1);
  const prefill = last?.role === 'assistant' ? last.text.trimEnd() : '';
  return text.startsWith(prefill) && prefill.length < text.length ? text.slice(prefill.length) : text;
}

function toAnswerText(text: string, request: CompletionRequest, tokens: TokenCounter): AnswerText {
  const whole = textFromPieces(tokens.split(text), Infinity);
  const cut = request.stop.length === 0 ? whole : cutAtStop(whole, request.stop, tokens.split);
  if (request.maxTokens === undefined || cut.tokens <= request.maxTokens) return cut;
  return textFromPieces(tokens.split(cut.text), request.maxTokens);
}

function createOutcome(text: AnswerText | null, calls: readonly ToolCall[]): CompletionOutcome {
  const tokens = (text?.tokens ?? 0) + calls.reduce((sum, { pieces }) => sum + pieces.length, 0);
  return { text, calls, tokens, finish: calls.length > 0 ? 'tool-calls' : (text?.finishReason ?? 'stop') };
}

/**
 * Chooses the tools to call, predictably: with `auto`, the model calls tools once per user turn and then answers. It calls the
 * tools that the user names, or else the first tool.
 */
function chooseTools(request: CompletionRequest, { settings }: CompletionContext): readonly Tool[] {
  const { tools, toolChoice, turns } = request;
  if (tools.length === 0 || toolChoice === 'none') return [];
  if (typeof toolChoice === 'object') return tools.filter(({ name }) => name === toolChoice.name);
  if (toolChoice === 'auto' && (settings.callTools === 'never' || hasToolResult(turns))) return [];
  const text = lastUserText(turns);
  const named = tools.filter(({ name }) => text.includes(name));
  return named.length > 1 && request.parallelTools ? named : [named[0] ?? tools[0]!];
}

function generateArguments(schema: unknown, { random }: CompletionContext): string {
  const json = schema === undefined ? '{}' : generateJson(schema, random);
  return json?.startsWith('{') ? json : '{}';
}

function toToolCall(call: RuleCall, tokens: TokenCounter): ToolCall {
  return { ...call, pieces: tokens.split(call.arguments) };
}

/**
 * Returns the tokens of an answer without generating it, for requests without tools and schema; used by model runs. Ignores
 * rules.
 */
export function countAnswerTokens(
  { answer, answerTokens }: Pick<ReplySettings, 'answer' | 'answerTokens'>,
  prompt: string,
  maxTokens: number,
): number {
  const plain = typeof answer === 'object' && 'rules' in answer ? answer.otherwise : answer;
  if (plain === 'lorem') return Math.min(requestedAnswerTokens(prompt) ?? answerTokens, maxTokens);
  return Math.min(roughCounter.split(plain === 'echo' ? prompt : plain.fixed).length, maxTokens);
}
