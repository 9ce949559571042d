import type { ProviderSettings } from '../settings.ts';
import type { Dialect } from './dialect.ts';
import { openai } from './openai/openai.ts';

const DIALECTS: Readonly<Record<ProviderSettings['dialect'], Dialect>> = { openai };

export function dialectOf({ dialect }: ProviderSettings): Dialect {
  return DIALECTS[dialect];
}
