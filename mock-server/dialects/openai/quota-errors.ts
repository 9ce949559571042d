import type { RefusalReason } from '../../admission/limit.ts';
import type { ResponseDraft } from '../dialect.ts';
import { errorResponse } from './errors.ts';

interface QuotaError {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly message: string;
}

const BILLING = 'https://platform.openai.com/settings/organization/billing';

/**
 * Errors of refusals other than rate limits (`wire.md` 1.6). Only the first message was captured from the real API; of the
 * others, OpenAI publishes the codes but not the messages.
 */
export const QUOTA_ERRORS: Readonly<Record<Exclude<RefusalReason, 'rate-limit'>, QuotaError>> = {
  'insufficient-quota': quotaError(
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
      'read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  ),
  'credit-balance': quotaError(
    'credit_balance_exhausted',
    `Your prepaid credit balance is exhausted. Add credits to continue using the API: ${BILLING}.`,
  ),
  'organization-spend': quotaError(
    'organization_spend_limit_exceeded',
    'Your organization has reached its monthly spend limit. Raise the limit or wait for the next month: ' +
      'https://platform.openai.com/settings/organization/limits.',
  ),
  'project-spend': quotaError(
    'project_spend_limit_exceeded',
    'This project has reached its monthly spend limit. Raise the limit or wait for the next month: ' +
      'https://platform.openai.com/settings/organization/limits.',
  ),
  'organization-usage': quotaError(
    'organization_usage_limit_exceeded',
    `Your organization has reached its assigned usage limit. See ${BILLING}.`,
  ),
  'slow-down': {
    status: 429,
    type: 'rate_limit_error',
    code: 'slow_down',
    message:
      'Your request rate has grown too quickly. Please slow down: keep a steady rate, then raise it step by step. See ' +
      'https://platform.openai.com/docs/guides/rate-limits.',
  },
};

function quotaError(code: string, message: string): QuotaError {
  return { status: 429, type: 'insufficient_quota', code, message };
}

export function quotaErrorResponse(reason: Exclude<RefusalReason, 'rate-limit'>): ResponseDraft {
  const { status, type, code, message } = QUOTA_ERRORS[reason];
  return errorResponse(status, { message, type, param: null, code });
}
