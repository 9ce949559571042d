import { drawUs } from '../../completion/latency.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import { textHash } from '../../text-hash.ts';
import { type Body, isObject, partsText } from '../body.ts';
import type { Content, Moment } from '../dialect.ts';
import { jsonAt } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { invalidType, missing } from './validation.ts';

/** Each category, and words that bring it about: enough to test what a client does with a text that is flagged. */
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

export function checkModeration({ input }: Body): Content | undefined {
  if (input === undefined || input === null) return missing('input');
  if (typeof input === 'string' || (Array.isArray(input) && input.length > 0)) return undefined;
  return invalidType('input', 'one of a string, array of strings, array of objects', input);
}

/** The texts of a body that has been checked: one result each; parts of one multi-modal input are one text. */
export function moderatedTexts({ input }: Body): string[] {
  if (typeof input === 'string') return [input];
  const list = input as unknown[];
  return list.every(isObject) ? [partsText(list)] : list.map((item) => (typeof item === 'string' ? item : ''));
}

export function moderationTokens(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + estimateTokens(text.length), 0);
}

/** Answers a moderation when the first token of an answer would come. */
export function answerModeration(model: string, texts: readonly string[], { settings, chances }: Moment): Content {
  const afterUs = drawUs(settings.latency.firstToken, chances.latency);
  const body = { id: alphanumericId('modr-', 29, chances.ids), model, results: texts.map(resultOf) };
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

/** Depends on nothing but text and category: near one where it was hit, near zero elsewhere. */
function scoreOf(text: string, category: string, hit: boolean): number {
  const part = Number.parseInt(textHash(`${category}\n${text}`).slice(0, 6), 16) / 0xffffff;
  return hit ? 0.9 + part / 10 : part / 1000;
}
