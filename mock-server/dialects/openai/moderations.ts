import { drawUs } from '../../completion/latency.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import { textHash } from '../../hash.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { RequestContext, ResponseDraft } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { invalidType, missing } from './validation.ts';

/** Categories and the patterns that flag them; enough to test how a client handles flagged text. */
const CATEGORIES: Readonly<Record<string, RegExp | null>> = {
  harassment: /\b(idiot|stupid|loser)\b/i,
  'harassment/threatening': /\bi will (hurt|find) you\b/i,
  hate: /\bi hate (all|those) \w+/i,
  'hate/threatening': null,
  illicit: /\bhow to (steal|shoplift|pick a lock)\b/i,
  'illicit/violent': /\bbuild a bomb\b/i,
  'self-harm': /\b(self-harm|hurt myself)\b/i,
  'self-harm/intent': /\bi want to hurt myself\b/i,
  'self-harm/instructions': null,
  sexual: /\bsexual\b/i,
  'sexual/minors': null,
  violence: /\b(kill|murder|shoot|stab)\b/i,
  'violence/graphic': /\b(blood|gore)\b/i,
};

export function checkModeration({ input }: Body): ResponseDraft | undefined {
  if (input === undefined || input === null) return missing('input');
  if (typeof input === 'string' || (Array.isArray(input) && input.length > 0)) return undefined;
  return invalidType('input', 'one of a string, array of strings, array of objects', input);
}

/** Returns the texts of a checked body, one per result; the parts of a multimodal input form one text. */
export function moderatedTexts({ input }: Body): string[] {
  if (typeof input === 'string') return [input];
  const list = input as unknown[];
  return list.every(isObject) ? [partsText(list)] : list.map((item) => (typeof item === 'string' ? item : ''));
}

export function moderationTokens(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateTokens(text.length), 0);
}

/** Answers a moderation request after the time to first token. */
export function answerModeration(
  model: string,
  texts: readonly string[],
  { settings, random }: RequestContext,
): ResponseDraft {
  const afterUs = drawUs(settings.latency.firstToken, random.latency);
  const body = { id: alphanumericId('modr-', 29, random.ids), model, results: texts.map(resultOf) };
  return { status: 200, ...jsonAt(afterUs, body), promptTokens: moderationTokens(texts), completionTokens: 0 };
}

function resultOf(text: string): object {
  const entries = Object.entries(CATEGORIES).map(([name, words]) => {
    const hit = words?.test(text) ?? false;
    return { name, hit, score: scoreOf(text, name, hit) };
  });
  return {
    flagged: entries.some(({ hit }) => hit),
    categories: Object.fromEntries(entries.map(({ name, hit }) => [name, hit])),
    category_scores: Object.fromEntries(entries.map(({ name, score }) => [name, score])),
    category_applied_input_types: Object.fromEntries(entries.map(({ name }) => [name, ['text']])),
  };
}

/** Returns a deterministic score of text and category: near 1 for a hit, near 0 otherwise. */
function scoreOf(text: string, category: string, hit: boolean): number {
  const part = Number.parseInt(textHash(`${category}\n${text}`).slice(0, 6), 16) / 0xffffff;
  return hit ? 0.9 + part / 10 : part / 1000;
}
