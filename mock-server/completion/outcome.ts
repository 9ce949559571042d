import type { Random } from '../random.ts';
import type { Answer, ProviderSettings } from '../settings.ts';
import { type Ask, lastUserText, type Tool } from './ask.ts';
import { hasToolResult, type RuleCall, type RuleCounts, type RuleError, ruleFor } from './rules.ts';
import { jsonFor } from './schema-value.ts';
import { type AnswerText, cutAtStop, lorem, textOfPieces } from './text.ts';
import { roughCounter, type TokenCounter } from './tokens.ts';

/** A tool that the model calls; `pieces` are its arguments, a token each. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
  readonly pieces: readonly string[];
  /** Given by a rule; else the dialect makes one. */
  readonly id?: string;
}

/** What the model says once: a text, then calls of tools. Either may be missing. */
export interface Outcome {
  readonly text: AnswerText | null;
  readonly calls: readonly ToolCall[];
  /** Tokens of all of it. */
  readonly tokens: number;
  readonly finish: 'stop' | 'length' | 'tool-calls';
}

/** What the answer depends on beside the ask. */
export interface Speaker {
  readonly settings: Pick<ProviderSettings, 'answer' | 'answerTokens' | 'callTools'>;
  readonly random: Random;
  readonly counts: RuleCounts;
  readonly tokens: TokenCounter;
}

/** What the model says to an ask: an outcome, or the error that a rule has for it. */
export function outcomeOf(ask: Ask, speaker: Speaker): Outcome | RuleError {
  const { answer } = speaker.settings;
  if (typeof answer !== 'object' || !('rules' in answer)) return said(ask, answer, speaker);
  const response = ruleFor(answer.rules, ask, { endpoint: 'chat' }, speaker.counts);
  if (!response) return said(ask, answer.otherwise, speaker);
  if (response.error) return response.error;
  const calls = (response.toolCalls ?? []).map((call) => spelt(call, speaker.tokens));
  const text = response.content === undefined ? null : pieced(response.content, ask, speaker.tokens);
  return outcome(text, calls);
}

type Plain = Exclude<Answer, { rules: unknown }>;

function said(ask: Ask, answer: Plain, speaker: Speaker): Outcome {
  const called = calledTools(ask, speaker);
  if (called.length > 0) {
    return outcome(
      null,
      called.map(({ name, schema }) => spelt({ name, arguments: argumentsFor(schema, speaker) }, speaker.tokens)),
    );
  }
  if (ask.schema !== undefined) {
    const json = jsonFor(ask.schema, speaker.random) ?? '{}';
    return outcome(pieced(json, ask, speaker.tokens), []);
  }
  return outcome(plainText(ask, answer, speaker), []);
}

function plainText(ask: Ask, answer: Plain, { settings, random, tokens }: Speaker): AnswerText {
  const most = ask.maxTokens ?? Infinity;
  if (answer !== 'lorem') return pieced(answer === 'echo' ? lastUserText(ask.turns) : answer.fixed, ask, tokens);
  const text = lorem(settings.answerTokens, most, random);
  return ask.stop.length === 0 ? text : cutAtStop(text, ask.stop, tokens.split);
}

function pieced(text: string, ask: Ask, tokens: TokenCounter): AnswerText {
  const whole = textOfPieces(tokens.split(text), Infinity);
  const cut = ask.stop.length === 0 ? whole : cutAtStop(whole, ask.stop, tokens.split);
  if (ask.maxTokens === undefined || cut.tokens <= ask.maxTokens) return cut;
  return textOfPieces(tokens.split(cut.text), ask.maxTokens);
}

function outcome(text: AnswerText | null, calls: readonly ToolCall[]): Outcome {
  const tokens = (text?.tokens ?? 0) + calls.reduce((sum, { pieces }) => sum + pieces.length, 0);
  return { text, calls, tokens, finish: calls.length > 0 ? 'tool-calls' : (text?.finishReason ?? 'stop') };
}

/**
 * Which tools are called. A model decides that by itself; this one is predictable: where it may choose, it calls once in
 * each turn of the user, and then speaks. It calls the tools that the user names, or else the first.
 */
function calledTools(ask: Ask, { settings }: Speaker): readonly Tool[] {
  const { tools, toolChoice, turns } = ask;
  if (tools.length === 0 || toolChoice === 'none') return [];
  if (typeof toolChoice === 'object') return tools.filter(({ name }) => name === toolChoice.name);
  if (toolChoice === 'auto' && (settings.callTools === 'never' || hasToolResult(turns))) return [];
  const text = lastUserText(turns);
  const named = tools.filter(({ name }) => text.includes(name));
  return named.length > 1 && ask.parallelTools ? named : [named[0] ?? tools[0]!];
}

function argumentsFor(schema: unknown, { random }: Speaker): string {
  const json = schema === undefined ? '{}' : jsonFor(schema, random);
  return json?.startsWith('{') ? json : '{}';
}

function spelt(call: RuleCall, tokens: TokenCounter): ToolCall {
  return { ...call, pieces: tokens.split(call.arguments) };
}

/**
 * How many tokens an answer would have whose ask has neither tools nor a schema, without making it; what a model of a
 * client runs on. Rules are beyond it.
 */
export function tokensOf(
  { answer, answerTokens }: Pick<ProviderSettings, 'answer' | 'answerTokens'>,
  prompt: string,
  maxTokens: number,
): number {
  const plain = typeof answer === 'object' && 'rules' in answer ? answer.otherwise : answer;
  if (plain === 'lorem') return Math.min(answerTokens, maxTokens);
  return Math.min(roughCounter.split(plain === 'echo' ? prompt : plain.fixed).length, maxTokens);
}
