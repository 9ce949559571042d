import { z } from 'zod';
import type { Fault, FaultEffect } from '../../mock-server/faults/fault.ts';
import { duration, keysOf } from './fields.ts';

const KINDS = [
  'status',
  'refuse',
  'reset',
  'hang',
  'slow',
  'truncate',
  'quiet-end',
  'error-event',
  'malformed-json',
  'content-type',
  'error-in-200',
] as const;

type Kind = (typeof KINDS)[number];

/** What some kinds have to be told; a key that a kind has no use for is a mistake. */
const OWN_KEYS: Readonly<Record<string, readonly Kind[]>> = {
  status: ['status'],
  says: ['refuse'],
  retryAfter: ['refuse'],
  by: ['slow'],
  after: ['truncate', 'quiet-end', 'error-event'],
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

export const SAYS = [
  'rate-limit',
  'insufficient-quota',
  'credit-balance',
  'organization-spend',
  'project-spend',
  'organization-usage',
  'slow-down',
] as const;

const match = keysOf({
  endpoint: z.string().optional().describe('As journals name it, e.g. chat.completions.'),
  model: z.string().optional(),
  stream: z.boolean().optional(),
  text: z.string().optional().describe('A part of the prompt.'),
  userAgent: z.string().optional().describe('A part of the User-Agent.'),
}).describe('Which requests it may hit.');

const fields = keysOf({
  kind: z.enum(KINDS).default('status').describe('What goes wrong.'),
  at: duration('When it begins, after the start of the run.').optional(),
  for: duration('How long it lasts; to the end when left out.').optional(),
  first: z.int().min(1).optional().describe('Only so many of the first requests.'),
  every: z.int().min(1).optional().describe('Only every n-th request.'),
  rate: share.optional().describe('Only such a share of the requests, by seed.'),
  match: match.optional(),
  status: z.int().min(400).max(599).optional().describe('Of `status`: what requests are answered; 503 when left out.'),
  says: z.enum(SAYS).optional().describe('Of `refuse`: what the refusal is about; slow-down when left out.'),
  retryAfter: z
    .union([z.string().min(1), z.number().transform(String)])
    .optional()
    .describe('Of `refuse`: what its Retry-After says, as it is; none when left out.'),
  by: duration('Of `slow`: how much later the answer begins; 10s when left out.').optional(),
  after: z
    .int()
    .min(0)
    .optional()
    .describe('Of `truncate`, `quiet-end` and `error-event`: pieces of the stream that come before; 3 when left out.'),
  code: z
    .enum(['server_is_overloaded', 'rate_limit_exceeded'])
    .optional()
    .describe('Of `error-event`: what it says; server_is_overloaded when left out.'),
  type: z.string().min(1).optional().describe('Of `content-type`: what it claims; text/html when left out.'),
});

/** One rule of what goes wrong. */
export const faultSchema = fields.transform((raw, context): Fault => {
  for (const [key, kinds] of Object.entries(OWN_KEYS)) {
    if (raw[key as keyof typeof raw] === undefined || kinds.includes(raw.kind)) continue;
    const message = `says nothing to kind: ${raw.kind}; it belongs to ${kinds.join(', ')}`;
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
    does: effectOf(raw),
  };
});

function effectOf(raw: z.output<typeof fields>): FaultEffect {
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
    case 'slow':
      return { kind, byUs: raw.by ?? 10_000_000 };
    case 'truncate':
    case 'quiet-end':
      return { kind, after };
    case 'error-event':
      return { kind, after, code: raw.code ?? 'server_is_overloaded' };
    case 'content-type':
      return { kind, type: raw.type ?? 'text/html' };
    default:
      return { kind };
  }
}
