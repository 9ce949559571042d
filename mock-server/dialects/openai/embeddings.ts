import { plainAsk } from '../../completion/ask.ts';
import { embeddingOf } from '../../completion/embedding.ts';
import { drawUs } from '../../completion/latency.ts';
import { type RuleResponse, ruleFor } from '../../completion/rules.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { Body } from '../body.ts';
import type { Content, Moment } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { errorContent, ruleError } from './errors.ts';
import { dimensionsOf } from './models.ts';
import { invalidType, invalidValue, missing, wholeNumber } from './validation.ts';

const FORMATS = ['float', 'base64'] as const;

/** The most tokens that one embeddings request may carry (`wire.md` 1.2). */
const MAX_TOKENS = 300_000;

export interface EmbeddingsRequest {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly format: (typeof FORMATS)[number];
  readonly dimensions: number;
}

/** The first thing wrong with an embeddings body whose model is known to exist. */
export function checkEmbeddings(body: Body): Content | undefined {
  return (
    checkInput(body.input) ??
    wholeNumber('dimensions', 1, dimensionsOf(body.model as string))(body) ??
    checkFormat(body.encoding_format) ??
    checkSize(body)
  );
}

function checkInput(input: unknown): Content | undefined {
  if (input === undefined || input === null) return missing('input');
  if (typeof input === 'string') return undefined;
  const fine = Array.isArray(input) && input.length > 0 && (isTexts(input) || isTokens(input) || input.every(isTokens));
  return fine ? undefined : invalidType('input', 'one of a string, array of strings, array of tokens', input);
}

function checkFormat(format: unknown): Content | undefined {
  if (format === undefined || FORMATS.some((known) => known === format)) return undefined;
  return invalidValue('encoding_format', String(format), FORMATS);
}

function checkSize(body: Body): Content | undefined {
  const tokens = countTokens(inputsOf(body.input));
  if (tokens <= MAX_TOKENS) return undefined;
  const message = `Requested ${tokens} tokens, max ${MAX_TOKENS} tokens per request`;
  const code = 'max_tokens_per_request';
  return errorContent(400, { message, type: code, param: null, code });
}

const isTexts = (input: unknown): input is string[] =>
  Array.isArray(input) && input.every((item) => typeof item === 'string');
const isTokens = (input: unknown): input is number[] =>
  Array.isArray(input) && input.length > 0 && input.every((item) => Number.isInteger(item));

/** One text per embedding asked for; token lists stand for texts of four characters a token. */
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

/** Reads a body that `checkEmbeddings` has passed. */
export function readEmbeddings(body: Body): EmbeddingsRequest {
  const model = body.model as string;
  return {
    model,
    inputs: inputsOf(body.input),
    format: body.encoding_format === 'base64' ? 'base64' : 'float',
    dimensions: (body.dimensions as number | undefined) ?? dimensionsOf(model),
  };
}

/** Answers an embeddings request; all of it comes when the first token of an answer would. */
export function answerEmbeddings(request: EmbeddingsRequest, moment: Moment): Content {
  const { settings, chances, tokens } = moment;
  const data: object[] = [];
  for (const [index, text] of request.inputs.entries()) {
    const ruled = ruledFor(request, text, moment);
    if (ruled?.error) return ruleError(ruled.error);
    const vector = ruled?.embedding ? Float32Array.from(ruled.embedding) : embeddingOf(text, request.dimensions);
    data.push({ object: 'embedding', index, embedding: request.format === 'base64' ? base64(vector) : [...vector] });
  }
  const promptTokens = Math.max(
    1,
    request.inputs.reduce((sum, text) => sum + tokens.count(text), 0),
  );
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
  const afterUs = drawUs(settings.latency.firstToken, chances.latency);
  const body = { object: 'list', data, model: request.model, usage };
  return { status: 200, ...jsonAt(afterUs, body), promptTokens, completionTokens: 0 };
}

function ruledFor({ model }: EmbeddingsRequest, text: string, { settings, memory }: Moment): RuleResponse | undefined {
  const { answer } = settings;
  if (typeof answer !== 'object' || !('rules' in answer)) return undefined;
  const facts = { endpoint: 'embedding', inputText: text } as const;
  return ruleFor(answer.rules, plainAsk(model, [{ role: 'user', text }]), facts, memory.ruleCounts);
}

/** Little-endian 32-bit floats, as the SDKs decode them. */
function base64(vector: Float32Array): string {
  const bytes = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [index, value] of vector.entries()) bytes.setFloat32(index * 4, value, true);
  let binary = '';
  for (let at = 0; at < bytes.byteLength; at++) binary += String.fromCharCode(bytes.getUint8(at));
  return btoa(binary);
}

/** Text of all inputs, for the estimate. */
export function inputCharacters(request: EmbeddingsRequest): number {
  return request.inputs.reduce((sum, text) => sum + text.length, 0);
}
