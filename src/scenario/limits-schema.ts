import { z } from 'zod';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { findProfile, PROFILES, profileLimits } from '../../mock-server/profiles/profiles.ts';
import { OF_THE_VALUE } from '../../mock-server/setting-fields.ts';
import { findRepeatedNames, type NamedLimit, nameApart } from './limit-names.ts';
import { namedLimitSchema } from './limit-schema.ts';
import { parseLimitText } from './limit-text.ts';
import { suggestName } from './suggest-name.ts';

/** A limit in words, such as `requests 5/s burst 5`, or the name of a profile, which has the limits of a published tier. */
export const limitTextSchema = z
  .string()
  .describe(
    'A limit in words, such as `requests 5/s burst 5`, or the name of a profile; `quotalab profiles` lists them.',
  )
  .transform((text, context): NamedLimit[] => {
    if (!/^\s*[^\s/]+\s/.test(text)) return profileNamed(text.trim(), context);
    const parsed = namedLimitSchema.safeParse(parseLimitText(text));
    if (parsed.success) return [parsed.data];
    context.issues.push(
      ...parsed.error.issues.map((issue) => ({ ...issue, input: text }) as (typeof context.issues)[number]),
    );
    return z.NEVER;
  });

function profileNamed(name: string, context: z.core.$RefinementCtx): NamedLimit[] {
  const profile = findProfile(name);
  if (profile) return profileLimits(profile).map((limit) => ({ limit, isGiven: true }));
  const names = PROFILES.map((known) => known.name);
  const hint = suggestName(name, names).hint ?? '`quotalab profiles` lists them';
  context.addIssue({ code: 'custom', message: `unknown profile ${name}`, params: { hint } });
  return z.NEVER;
}

const limitsOf = (named: readonly NamedLimit[]): Limit[] => named.map(({ limit }) => limit);

/** The limits of a provider: a list of limits and profiles, or one of them. No two may share a name. */
export const limitsSchema = z
  .union([
    limitTextSchema.transform(limitsOf),
    z.array(z.union([limitTextSchema, namedLimitSchema.transform((one) => [one])])).transform((given, context) => {
      const entries = nameApart(given);
      for (const { index, message, unused, isGiven } of findRepeatedNames(entries)) {
        const params = { hint: `name: ${unused}`, ...(isGiven && OF_THE_VALUE) };
        context.addIssue({ code: 'custom', path: [index, 'name'], message, params });
      }
      return limitsOf(entries.flat());
    }),
  ])
  .describe('Limits. A request must pass every limit that applies to it.');
