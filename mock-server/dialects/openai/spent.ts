import type { Says } from '../../admission/limit.ts';
import type { Content } from '../dialect.ts';
import { errorContent } from './errors.ts';

interface Spent {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly message: string;
}

const BILLING = 'https://platform.openai.com/settings/organization/billing';

/**
 * Refusals that no wait in a message explains (`wire.md` 1.6). Only the first text is a capture; the codes of the others
 * are published, their texts are not.
 */
export const SPENT: Readonly<Record<Exclude<Says, 'rate-limit'>, Spent>> = {
  'insufficient-quota': spent(
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
      'read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  ),
  'credit-balance': spent(
    'credit_balance_exhausted',
    `Your prepaid credit balance is exhausted. Add credits to continue using the API: ${BILLING}.`,
  ),
  'organization-spend': spent(
    'organization_spend_limit_exceeded',
    'Your organization has reached its monthly spend limit. Raise the limit or wait for the next month: ' +
      'https://platform.openai.com/settings/organization/limits.',
  ),
  'project-spend': spent(
    'project_spend_limit_exceeded',
    'This project has reached its monthly spend limit. Raise the limit or wait for the next month: ' +
      'https://platform.openai.com/settings/organization/limits.',
  ),
  'organization-usage': spent(
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

function spent(code: string, message: string): Spent {
  return { status: 429, type: 'insufficient_quota', code, message };
}

export function spentContent(says: Exclude<Says, 'rate-limit'>): Content {
  const { status, type, code, message } = SPENT[says];
  return errorContent(status, { message, type, param: null, code });
}
