import { z } from 'zod';
import { findHidden } from '../../mock-server/faults/combine.ts';
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
  after: ['reset', 'truncate', 'stall', 'quiet-end', 'error-event', 'malformed-event'],
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

const POSITION_ERROR = {
  error: 'must be a number of stream chunks, or of tokens such as 40 tokens; for `reset`, a time such as 2s',
};

const streamPosition = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(/^\d{1,9} tokens?$/, POSITION_ERROR)
      .transform((text) => ({ tokens: Number.parseInt(text, 10) })),
    duration('').transform((us) => ({ us })),
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
      'For `reset`: time from the request until the connection breaks, such as `2s`; at once when omitted. For `truncate`, `stall`, `quiet-end`, `error-event` and `malformed-event`: stream chunks before the fault, or tokens of the answer, such as `40 tokens`; 3 when omitted.',
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
  if (raw.after !== undefined && isTime(raw.after) !== (raw.kind === 'reset'))
    context.addIssue({ code: 'custom', path: ['after'], message: POSITION_ERROR.error });
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

type After = z.output<typeof streamPosition>;

function isTime(after: After): after is { us: number } {
  return typeof after === 'object' && 'us' in after;
}

function toEffect(raw: z.output<typeof fields>): FaultEffect {
  const { kind } = raw;
  const after = raw.after === undefined || isTime(raw.after) ? 3 : raw.after;
  switch (kind) {
    case 'status':
      return { kind, status: raw.status ?? 503 };
    case 'refuse':
      return {
        kind,
        says: raw.says ?? 'slow-down',
        ...(raw.retryAfter !== undefined && { retryAfter: raw.retryAfter }),
      };
    case 'reset':
      return { kind, ...(raw.after !== undefined && isTime(raw.after) && { afterUs: raw.after.us }) };
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

/** The faults of a provider. One that another always hides is a problem. */
export const faultsSchema = z.array(faultSchema).transform((faults, context) => {
  for (const { index, by } of findHidden(faults)) {
    const message = `never shows: the ${faults[by]!.does.kind} of faults[${by}] takes its place on every request`;
    const hint = 'give one of them at, for, first, every, rate or match';
    context.addIssue({ code: 'custom', path: [index], message, params: { hint } });
  }
  return faults;
});
