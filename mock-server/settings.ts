import type { DialectName } from './dialects/dialects.ts';
import type { ReplySettings } from './reply-settings.ts';

export type { AnswerSettings, Latency, RetryAfterPolicy } from './reply-settings.ts';

/** The complete configuration of a provider. */
export interface ProviderSettings extends ReplySettings {
  readonly dialect: DialectName;
  /** After which an idle connection is closed, on sockets; if omitted, they are kept for 75 s and say so. */
  readonly idleTimeoutUs?: number;
}
