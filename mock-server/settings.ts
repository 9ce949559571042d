import type { DialectName } from './dialects/dialects.ts';
import type { ReplySettings } from './reply-settings.ts';

export type { AnswerSettings, Latency, RetryAfterPolicy } from './reply-settings.ts';

/** The complete configuration of a provider. */
export interface ProviderSettings extends ReplySettings {
  readonly dialect: DialectName;
}
