import { z } from 'zod';
import type { Fault, FaultEffect } from '../../mock-server/faults/fault.ts';
import { duration, keysOf } from '../../mock-server/setting-fields.ts';

const KINDS = [
  'status',
  'refuse',
  'reset',
  'hang',
  'slow',
  'slow-body',
  'truncate',
  'stall',
  'quiet-end',
  'missing-end',
  'error-event',
  'malformed-json',
  'malformed-event',
  'content-type',
  'error-in-200',
] as const;

type Kind = (typeof KINDS)[number];

/** Keys that only some kinds accept. */
const KEYS_BY_KIND: Readonly<Record<string, readonly Kind[]>> = {
  status: ['status'],
  says: ['refuse'],
  retryAfter: ['refuse'],
  by: ['hang', 'slow', 'slow-body', 'stall'],
  after: ['truncate', 'stall', 'quiet-end', 'error-event', 'malformed-event'],
  code: ['error-event'],
  type: ['content-type'],
};

const share = z
  .union(
    [
      z.number().min(0).max(1),
      z
        .string()
        .regex(/^\d+(\.\d+)?%$/)
        .transform((text) => Number(text.slice(0, -1)) / 100),
    ],
    { error: 'must be a share such as 5% or 0.05' },
  )
  .refine((value) => value <= 1, { error: 'must be at most 100%' });

const POSITION_ERROR = { error: 'must be a number of stream chunks, or of tokens such as 40 tokens' };

const streamPosition = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,9} tokens?$/, POSITION_ERROR)
      .transform((text) => ({ tokens: Number.parseInt(text, 10) })),
  ],
  POSITION_ERROR,
);

export const REFUSAL_REASONS = [
  'rate-limit',
  'insufficient-quota',
  'credit-balance',
  'organization-spend',
  'project-spend',
  'organization-usage',
  'slow-down',
] as const;

const match = keysOf({
  endpoint: z.string().optional().describe('Endpoint name as in journals, e.g. chat.completions.'),
  model: z.string().optional().describe('The model requested.'),
  stream: z.boolean().optional().describe('Whether a stream is requested.'),
  text: z.string().optional().describe('Substring of the prompt.'),
  userAgent: z.string().optional().describe('Substring of the User-Agent.'),
}).describe('Which requests can be hit.');

const fields = keysOf({
  kind: z.enum(KINDS).default('status').describe('Kind of fault.'),
  at: duration('Start, counted from the start of the run.').optional(),
  for: duration('Duration; until the end of the run when omitted.').optional(),
  first: z.int().min(1).optional().describe('Hit only the first n requests.'),
  every: z.int().min(1).optional().describe('Hit only every n-th request.'),
  rate: share.optional().describe('Hit only this share of the requests, drawn by seed.'),
  match: match.optional(),
  status: z.int().min(400).max(599).optional().describe('For `status`: the HTTP status; 503 when omitted.'),
  says: z.enum(REFUSAL_REASONS).optional().describe('For `refuse`: the reason of the refusal; slow-down when omitted.'),
  retryAfter: z
    .union([z.string().min(1), z.number().transform(String)])
    .optional()
    .describe('For `refuse`: the Retry-After, sent verbatim; not sent when omitted.'),
  by: duration(
    'For `slow` and `slow-body`: delay of the reply or of its body; 10s when omitted. For `hang` and `stall`: after this silence, the connection breaks; never when omitted.',
  ).optional(),
  after: streamPosition
    .optional()
    .describe(
      'For `truncate`, `stall`, `quiet-end`, `error-event` and `malformed-event`: stream chunks before the fault, or tokens of the answer, such as `40 tokens`; 3 when omitted.',
    ),
  code: z
    .enum(['server_is_overloaded', 'rate_limit_exceeded'])
    .optional()
    .describe('For `error-event`: the error code; server_is_overloaded when omitted.'),
  type: z.string().min(1).optional().describe('For `content-type`: the Content-Type sent; text/html when omitted.'),
});

/** One injected fault, resolved. */
export const faultSchema = fields.transform((raw, context): Fault => {
  for (const [key, kinds] of Object.entries(KEYS_BY_KIND)) {
    if (raw[key as keyof typeof raw] === undefined || kinds.includes(raw.kind)) continue;
    const message = `does not apply to kind: ${raw.kind}; it belongs to ${kinds.join(', ')}`;
    context.addIssue({ code: 'custom', path: [key], message });
  }
  const fromUs = raw.at ?? 0;
  return {
    fromUs,
    untilUs: raw.for === undefined ? Number.MAX_SAFE_INTEGER : fromUs + raw.for,
    ...(raw.match && { match: raw.match as NonNullable<Fault['match']> }),
    ...(raw.first !== undefined && { first: raw.first }),
    ...(raw.every !== undefined && { every: raw.every }),
    ...(raw.rate !== undefined && { share: raw.rate }),
    does: toEffect(raw),
  };
});

function toEffect(raw: z.output<typeof fields>): FaultEffect {
  const { kind, after = 3 } = raw;
  switch (kind) {
    case 'status':
      return { kind, status: raw.status ?? 503 };
    case 'refuse':
      return {
        kind,
        says: raw.says ?? 'slow-down',
        ...(raw.retryAfter !== undefined && { retryAfter: raw.retryAfter }),
      };
    case 'hang':
      return { kind, ...(raw.by !== undefined && { byUs: raw.by }) };
    case 'slow':
    case 'slow-body':
      return { kind, byUs: raw.by ?? 10_000_000 };
    case 'stall':
      return { kind, after, ...(raw.by !== undefined && { byUs: raw.by }) };
    case 'truncate':
    case 'quiet-end':
    case 'malformed-event':
      return { kind, after };
    case 'error-event':
      return { kind, after, code: raw.code ?? 'server_is_overloaded' };
    case 'content-type':
      return { kind, type: raw.type ?? 'text/html' };
    default:
      return { kind };
  }
}
