import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import type { Attempt, Run } from '../analysis/run/run-view.ts';

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

/** Returns the URL of an attempt: of the host that a recording names, else of this machine, whose port no journal keeps. */
export function requestUrl({ header }: Pick<Run, 'header'>, { endpoint, model }: Attempt): string {
  const { provider, call } = header.scenario;
  const path = requestPath({ dialect: provider.dialect, endpoint, model: model ?? call.model });
  return `${originOf(header)}${path}`;
}

function originOf({ recorded }: Run['header']): string {
  const [host, ...others] = recorded?.hosts ?? [];
  return host === undefined || others.length > 0 ? 'http://127.0.0.1' : `https://${host}`;
}
