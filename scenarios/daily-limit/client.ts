/** Passes each call to the client named like its load. */
import type { ClientCall } from 'quotalab';

type Ask = (call: ClientCall) => Promise<unknown>;

const CLIENTS: Readonly<Record<string, () => Promise<{ default: Ask }>>> = {
  openai: () => import('./clients/openai.ts'),
  'ai-sdk': () => import('./clients/ai-sdk.ts'),
  langchain: () => import('./clients/langchain.ts'),
  got: () => import('./clients/got.ts'),
};

// Imported before the first call: an import takes real time, which virtual time does not wait for. A client that is not
// installed fails only its own calls.
const asks = new Map<string, Ask>();
for (const [name, load] of Object.entries(CLIENTS)) {
  const found = await load().catch((error: Error) => ({ default: () => Promise.reject(error) }));
  asks.set(name, found.default);
}

export default async function ask(call: ClientCall): Promise<unknown> {
  return asks.get(call.load ?? 'openai')!(call);
}
