import type { DialectName, ProviderSettings } from '../settings.ts';
import { anthropic } from './anthropic/anthropic.ts';
import { azure } from './azure/azure.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini/gemini.ts';
import { openai } from './openai/openai.ts';

/** All dialects. To add one, add a folder and a line here. */
const DIALECTS: Readonly<Record<DialectName, Dialect>> = { openai, azure, anthropic, gemini };

export function dialectOf({ dialect }: Pick<ProviderSettings, 'dialect'>): Dialect {
  return DIALECTS[dialect];
}
