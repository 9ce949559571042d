import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { limitsOf, PROFILES, profileNamed } from '../../mock-server/profiles/profiles.ts';
import { limitSchema } from './limit-schema.ts';
import { meantName } from './meant-name.ts';

/** The limits of a published tier, by its name. */
const named = z
  .string()
  .describe('The name of a profile; `quotalab profiles` lists them.')
  .transform((name, context): Limit[] => {
    const profile = profileNamed(name);
    if (profile) return limitsOf(profile);
    const hint =
      meantName(
        name,
        PROFILES.map((known) => known.name),
      ).hint ?? '`quotalab profiles` lists them';
    context.addIssue({ code: 'custom', message: `there is no profile ${name}`, params: { hint } });
    return z.NEVER;
  });

/** The limits of a provider: a list of limits and profiles, or one profile. */
export const limitsSchema = z
  .union([
    named,
    z.array(z.union([named, limitSchema.transform((limit) => [limit])])).transform((lists) => lists.flat()),
  ])
  .describe('What is metered. A request must pass every limit it meets.');
