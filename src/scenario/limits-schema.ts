import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { findProfile, PROFILES, profileLimits } from '../../mock-server/profiles/profiles.ts';
import { OF_THE_VALUE } from '../../mock-server/setting-fields.ts';
import { findRepeatedNames } from './limit-names.ts';
import { limitSchema } from './limit-schema.ts';
import { parseLimitText } from './limit-text.ts';
import { suggestName } from './suggest-name.ts';

/** A limit in words, such as `requests 5/s burst 5`, or the name of a profile, which has the limits of a published tier. */
const limitText = z
  .string()
  .describe(
    'A limit in words, such as `requests 5/s burst 5`, or the name of a profile; `quotalab profiles` lists them.',
  )
  .transform((text, context): Limit[] => {
    if (!/^\s*[^\s/]+\s/.test(text)) return profileNamed(text.trim(), context);
    const parsed = limitSchema.safeParse(parseLimitText(text));
    if (parsed.success) return [parsed.data];
    context.issues.push(
      ...parsed.error.issues.map((issue) => ({ ...issue, input: text }) as (typeof context.issues)[number]),
    );
    return z.NEVER;
  });

function profileNamed(name: string, context: z.core.$RefinementCtx): Limit[] {
  const profile = findProfile(name);
  if (profile) return profileLimits(profile);
  const names = PROFILES.map((known) => known.name);
  const hint = suggestName(name, names).hint ?? '`quotalab profiles` lists them';
  context.addIssue({ code: 'custom', message: `unknown profile ${name}`, params: { hint } });
  return z.NEVER;
}

/** The limits of a provider: a list of limits and profiles, or one of them. No two may share a name. */
export const limitsSchema = z
  .union([
    limitText,
    z.array(z.union([limitText, limitSchema.transform((limit) => [limit])])).transform((entries, context) => {
      for (const { index, message, unused, isGiven } of findRepeatedNames(entries)) {
        const params = { hint: `name: ${unused}`, ...(isGiven && OF_THE_VALUE) };
        context.addIssue({ code: 'custom', path: [index, 'name'], message, params });
      }
      return entries.flat();
    }),
  ])
  .describe('Limits. A request must pass every limit that applies to it.');
