import { plainCompletionRequest } from '../../completion/completion-request.ts';
import { createEmbedding } from '../../completion/embedding.ts';
import { drawUs } from '../../completion/latency.ts';
import { findRuleResponse, type RuleResponse } from '../../completion/rules.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import { valueText } from '../../json-value.ts';
import type { Body } from '../body.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { errorResponse, ruleError } from './errors.ts';
import { dimensionsOf } from './models.ts';
import { invalidType, invalidValue, missing, wholeNumber } from './validation.ts';

const FORMATS = ['float', 'base64'] as const;

/** Maximum tokens of one embeddings request (`wire.md` 1.2). */
const MAX_TOKENS = 300_000;

export interface EmbeddingsRequest {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly dimensions: number;
}

/** Returns the first validation error of an embeddings body whose model exists. */
export function checkEmbeddings(body: Body): ResponseDraft | undefined {
  return (
    checkInput(body.input) ??
    wholeNumber('dimensions', 1, dimensionsOf(body.model as string))(body) ??
    checkFormat(body.encoding_format) ??
    checkSize(body)
  );
}

function checkInput(input: unknown): ResponseDraft | undefined {
  if (input === undefined || input === null) return missing('input');
  if (typeof input === 'string') return undefined;
  const valid =
    Array.isArray(input) && input.length > 0 && (isTexts(input) || isTokens(input) || input.every(isTokens));
  return valid ? undefined : invalidType('input', 'one of a string, array of strings, array of tokens', input);
}

function checkFormat(format: unknown): ResponseDraft | undefined {
  if (format === undefined || FORMATS.some((known) => known === format)) return undefined;
  return invalidValue('encoding_format', valueText(format), FORMATS);
}

function checkSize(body: Body): ResponseDraft | undefined {
  const tokens = countTokens(inputsOf(body.input));
  if (tokens <= MAX_TOKENS) return undefined;
  const message = `Requested ${tokens} tokens, max ${MAX_TOKENS} tokens per request`;
  const code = 'max_tokens_per_request';
  return errorResponse(400, { message, type: code, param: null, code });
}

const isTexts = (input: unknown): input is string[] =>
  Array.isArray(input) && input.every((item) => typeof item === 'string');
const isTokens = (input: unknown): input is number[] =>
  Array.isArray(input) && input.length > 0 && input.every((item) => Number.isInteger(item));

/** Returns one text per requested embedding; token lists become texts of four characters per token. */
function inputsOf(input: unknown): string[] {
  if (typeof input === 'string') return [input];
  if (isTexts(input)) return input;
  if (isTokens(input)) return [tokenText(input)];
  return (input as number[][]).map(tokenText);
}

function tokenText(tokens: readonly number[]): string {
  return tokens.map((token) => token.toString(36).padStart(4, '0').slice(-4)).join('');
}

function countTokens(inputs: readonly string[]): number {
  return inputs.reduce((sum, text) => sum + estimateTokens(text.length), 0);
}

/** Reads a body that has passed `checkEmbeddings`. */
export function readEmbeddings(body: Body): EmbeddingsRequest {
  const model = body.model as string;
  return {
    model,
    inputs: inputsOf(body.input),
    format: body.encoding_format === 'base64' ? 'base64' : 'float',
    dimensions: (body.dimensions as number | undefined) ?? dimensionsOf(model),
  };
}

/** Answers an embeddings request after the time to first token. */
export function answerEmbeddings(request: EmbeddingsRequest, context: RequestContext): ResponseDraft {
  const { settings, random, tokens } = context;
  const data: object[] = [];
  for (const [index, text] of request.inputs.entries()) {
    const rule = matchedRule(request, text, context);
    if (rule?.error) return ruleError(rule.error);
    const vector = rule?.embedding ? Float32Array.from(rule.embedding) : createEmbedding(text, request.dimensions);
    data.push({ object: 'embedding', index, embedding: request.format === 'base64' ? base64(vector) : [...vector] });
  }
  const promptTokens = Math.max(
    1,
    request.inputs.reduce((sum, text) => sum + tokens.count(text), 0),
  );
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  const afterUs = drawUs(settings.latency.firstToken, random.latency);
  const body = { object: 'list', data, model: request.model, usage };
  return { status: 200, ...jsonAt(afterUs, body), promptTokens, completionTokens: 0 };
}

function matchedRule(
  { model }: EmbeddingsRequest,
  text: string,
  { settings, memory }: RequestContext,
): RuleResponse | undefined {
  const { answer } = settings;
  if (typeof answer !== 'object' || !('rules' in answer)) return undefined;
  const facts = { endpoint: 'embedding', inputText: text } as const;
  return findRuleResponse(
    answer.rules,
    plainCompletionRequest(model, [{ role: 'user', text }]),
    facts,
    memory.ruleCounts,
  );
}

/** Encodes a vector as little-endian 32-bit floats in base64, as the SDKs decode it. */
function base64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) bytes.setFloat32(index * 4, value, true);
  let binary = '';
  for (let index = 0; index < bytes.byteLength; index++) binary += String.fromCharCode(bytes.getUint8(index));
  return btoa(binary);
}

/** Returns the characters of all inputs, for the cost estimate. */
export function inputCharacters(request: EmbeddingsRequest): number {
  return request.inputs.reduce((sum, text) => sum + text.length, 0);
}
