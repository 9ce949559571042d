import OpenAI, { APIConnectionError, APIError } from 'openai';

const { QUOTALAB_PRIMARY_URL, QUOTALAB_PRIMARY_KEY, QUOTALAB_BACKUP_URL, QUOTALAB_BACKUP_KEY } = process.env;
/** The router decides about retries, not the SDK. */
const primary = new OpenAI({ baseURL: QUOTALAB_PRIMARY_URL, apiKey: QUOTALAB_PRIMARY_KEY, maxRetries: 0 });
const backup = new OpenAI({ baseURL: QUOTALAB_BACKUP_URL, apiKey: QUOTALAB_BACKUP_KEY });

const COOL_DOWN_MS = 30_000;
let restsUntilMs = 0;
let isProbing = false;

/** One failure rests the primary for a while; then a single call looks whether it is back. */
export default async function complete(call: { model: string; prompt: string }) {
  const request = { model: call.model, messages: [{ role: 'user' as const, content: call.prompt }] };
  if (Date.now() < restsUntilMs || isProbing) return backup.chat.completions.create(request);
  isProbing = restsUntilMs > 0;
  try {
    const answer = await primary.chat.completions.create(request);
    restsUntilMs = 0;
    return answer;
  } catch (error) {
    if (!isOutage(error)) throw error;
    restsUntilMs = Date.now() + Math.max(COOL_DOWN_MS, waitOf(error));
    return backup.chat.completions.create(request);
  } finally {
    isProbing = false;
  }
}

/** A spent quota shuts a provider as an outage does. */
function isOutage(error: unknown): boolean {
  if (error instanceof APIConnectionError) return true;
  return error instanceof APIError && (error.status === 429 || (error.status ?? 0) >= 500);
}

function waitOf(error: unknown): number {
  const seconds = error instanceof APIError ? Number(error.headers?.get('retry-after')) : 0;
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}
