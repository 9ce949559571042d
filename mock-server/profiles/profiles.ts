import type { Limit, Unit } from '../admission/limit.ts';
import anthropic from './anthropic.json' with { type: 'json' };
import azure from './azure.json' with { type: 'json' };
import gemini from './gemini.json' with { type: 'json' };
import openai from './openai.json' with { type: 'json' };

/** The published limits of one tier, for one model or several that share them. */
export interface Profile {
  /** `openai/tier-1/gpt-4o`. */
  readonly name: string;
  readonly models: readonly string[];
  readonly limits: PublishedLimits;
  readonly source: string;
  /** When the source was read, and the date of its figures if it states one. */
  readonly read: string;
  readonly asOf: string | null;
  readonly note: string | null;
}

/** Null where the provider publishes no limit. */
export interface PublishedLimits {
  readonly requestsPerMinute: number | null;
  readonly requestsPerDay: number | null;
  readonly tokensPerMinute: number | null;
  readonly inputTokensPerMinute: number | null;
  readonly outputTokensPerMinute: number | null;
}

/** All profiles, grouped by provider. */
export const PROFILES: readonly Profile[] = [...openai, ...azure, ...anthropic, ...gemini];

export function findProfile(name: string): Profile | undefined {
  return PROFILES.find((profile) => profile.name === name);
}

const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;

const KINDS: readonly { readonly key: keyof PublishedLimits; readonly unit: Unit; readonly periodUs: number }[] = [
  { key: 'requestsPerMinute', unit: 'requests', periodUs: MINUTE_US },
  { key: 'requestsPerDay', unit: 'requests', periodUs: DAY_US },
  { key: 'tokensPerMinute', unit: 'tokens', periodUs: MINUTE_US },
  { key: 'inputTokensPerMinute', unit: 'input-tokens', periodUs: MINUTE_US },
  { key: 'outputTokensPerMinute', unit: 'output-tokens', periodUs: MINUTE_US },
];

/**
 * Returns the limits of a profile: token buckets that hold the amount of one period (`limits.md` section 0), scoped by
 * organization and shared by the profile's models. Limits are named after the first model.
 */
export function profileLimits({ models, limits }: Profile): Limit[] {
  const pool = models[0]!;
  return KINDS.flatMap(({ key, unit, periodUs }): Limit[] => {
    const amount = limits[key];
    if (amount === null) return [];
    return [
      {
        name: `${pool} ${unit} per ${periodUs === DAY_US ? 'day' : 'minute'}`,
        scope: ['organization', 'model'],
        unit,
        spec: { algorithm: 'token-bucket', capacity: amount, refill: { amount, periodUs } },
        chargeRejected: 'none',
        models,
        pool,
      },
    ];
  });
}
