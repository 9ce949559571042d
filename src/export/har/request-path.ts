import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';

type DialectName = keyof typeof DIALECTS;

const NAMES = Object.keys(DIALECTS) as DialectName[];

/** What decides the path of a request. */
export interface RequestPlace {
  readonly dialect: DialectName;
  /** As in journals, e.g. `chat.completions`. */
  readonly endpoint: string;
  readonly model: string;
}

/**
 * Returns the path of a request to an endpoint. Journals keep the name of the endpoint, which follows the path in every dialect;
 * recorded journals do not name their dialect, so it is the one that has the endpoint.
 */
export function requestPath({ dialect, endpoint, model }: RequestPlace): string {
  const owner = [dialect, ...NAMES].find((name) => hasEndpoint(name, endpoint)) ?? dialect;
  const words = endpoint.replaceAll('.', '/');
  const name = encodeURIComponent(model === '' ? 'model' : model);
  if (owner === 'gemini') return `/v1beta/models/${name}:${endpoint}`;
  if (owner !== 'azure') return `/v1/${words}`;
  return endpoint === 'responses' ? '/openai/responses' : `/openai/deployments/${name}/${words}`;
}

function hasEndpoint(dialect: DialectName, endpoint: string): boolean {
  return DIALECTS[dialect].reader.endpoints.some(([, name]) => name === endpoint);
}
