import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { findProfile, PROFILES, profileLimits } from '../../mock-server/profiles/profiles.ts';
import { limitSchema } from './limit-schema.ts';
import { suggestName } from './suggest-name.ts';

/** The limits of a published tier, given by the name of its profile. */
const namedLimits = z
  .string()
  .describe('Name of a profile; `quotalab profiles` lists them.')
  .transform((name, context): Limit[] => {
    const profile = findProfile(name);
    if (profile) return profileLimits(profile);
    const hint =
      suggestName(
        name,
        PROFILES.map((known) => known.name),
      ).hint ?? '`quotalab profiles` lists them';
    context.addIssue({ code: 'custom', message: `unknown profile ${name}`, params: { hint } });
    return z.NEVER;
  });

/** The limits of a provider: a list of limits and profiles, or one profile. */
export const limitsSchema = z
  .union([
    namedLimits,
    z.array(z.union([namedLimits, limitSchema.transform((limit) => [limit])])).transform((lists) => lists.flat()),
  ])
  .describe('Limits. A request must pass every limit that applies to it.');
