import { z } from 'zod';
import type { LimitHeaderSetting, LimitHeaderSettings } from '../../mock-server/dialects/set-limit-headers.ts';
import { keysOf } from '../../mock-server/setting-fields.ts';
import { unknownName } from './suggest-name.ts';

const literal = z
  .union([z.string(), z.number().transform(String)])
  .refine((text) => /^[\t\x20-\x7e]*$/.test(text), { error: 'must be printable ASCII, as headers are' });

const setting = z.union(
  [
    literal.transform((text): LimitHeaderSetting => (text === 'none' ? 'none' : { literal: text })),
    keysOf({
      as: z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')
        .optional()
        .describe('Name under which the header is sent.'),
      literal: literal.optional().describe('Sent verbatim.'),
    }).transform(
      ({ as, literal: text }): LimitHeaderSetting => ({
        ...(as !== undefined && { as: as.toLowerCase() }),
        ...(text !== undefined && { literal: text }),
      }),
    ),
  ],
  { error: "must be none, a value such as '42', or { as: x-other-name, literal: '42' }" },
);

/** The limit headers that are not sent as the provider would, by name. */
export const limitHeadersSchema = z
  .record(z.string(), setting)
  .describe(
    'Limit headers by name, to leave one out (`none`), to send a fixed value, as a provider that lies does, or another name ' +
      "(`{ as: x-name }`): `{ x-ratelimit-reset-requests: '42', x-ratelimit-remaining-tokens: none }`.",
  )
  .optional();

/** Adds a problem for each header that the dialect does not send. */
export function checkLimitHeaders(
  headers: LimitHeaderSettings,
  { title, limitHeaderNames }: { readonly title: string; readonly limitHeaderNames: readonly string[] },
  context: z.RefinementCtx,
): void {
  for (const name of Object.keys(headers)) {
    if (limitHeaderNames.includes(name)) continue;
    const { message, hint } =
      limitHeaderNames.length === 0
        ? { message: `${title} sends no limit headers` }
        : unknownName(`${title} sends no such limit header`, name, { allowed: limitHeaderNames, list: 'it sends' });
    context.addIssue({ code: 'custom', path: ['limitHeaders', name], message, ...(hint && { params: { hint } }) });
  }
}
