import OpenAI from 'openai';

const { QUOTALAB_PRIMARY_URL, QUOTALAB_PRIMARY_KEY, QUOTALAB_BACKUP_URL, QUOTALAB_BACKUP_KEY } = process.env;
const primary = new OpenAI({ baseURL: QUOTALAB_PRIMARY_URL, apiKey: QUOTALAB_PRIMARY_KEY });
const backup = new OpenAI({ baseURL: QUOTALAB_BACKUP_URL, apiKey: QUOTALAB_BACKUP_KEY });

/** Each call learns anew that the primary is out: the SDK tries it three times. */
export default async function complete(call: { model: string; prompt: string }) {
  const request = { model: call.model, messages: [{ role: 'user' as const, content: call.prompt }] };
  try {
    return await primary.chat.completions.create(request);
  } catch {
    return backup.chat.completions.create(request);
  }
}
