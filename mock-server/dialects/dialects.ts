import { anthropic } from './anthropic/anthropic.ts';
import { azure } from './azure/azure.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini/gemini.ts';
import { openai } from './openai/openai.ts';

/** All dialects. To add one, add a folder and a line here. */
export const DIALECTS = { openai, azure, anthropic, gemini } satisfies Readonly<Record<string, Dialect>>;

/** The name of a wire format. */
export type DialectName = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[];
