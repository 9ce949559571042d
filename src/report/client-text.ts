import type { Run } from '../analysis/run/run-view.ts';
import { allClients } from '../analysis/run/scenario-parts.ts';

type Scenario = Run['header']['scenario'];
type Client = Scenario['client'];

/** Returns the clients of a run with the number of their replicas: `chat: ./chat.ts × 8, batch: ./batch.ts`. */
export function clientText({ scenario, time }: Pick<Run['header'], 'scenario' | 'time'>): string {
  return time === 'model' ? modelText(scenario) : listClients(scenario, ({ written }) => written);
}

/** Returns what a plan or a sweep runs: `a model of p-retry × 8`. */
export function modelText(scenario: Scenario): string {
  const models = listClients(scenario, ({ model }) => model.name);
  return scenario.otherClients?.length ? `models of ${models}` : `a model of ${models}`;
}

/** Returns a note on models that no scenario chose; empty if there is none. */
export function assumedText(scenario: Scenario): string {
  const assumed = allClients({ scenario }).filter(({ settings }) => settings.assumed);
  if (assumed.length === 0) return '';
  const key = assumed[0]!.name === '' ? 'client.model' : `clients.${assumed[0]!.name}.model`;
  return `, assumed for ${assumed.map(({ settings }) => settings.written).join(', ')} (set ${key} to change it)`;
}

function listClients(scenario: Scenario, textOf: (client: Client) => string): string {
  return allClients({ scenario })
    .map(({ name, settings }) => `${name === '' ? '' : `${name}: `}${textOf(settings)}${replicasText(settings)}`)
    .join(', ');
}

function replicasText({ fleet }: Client): string {
  const counts = fleet?.steps.map(({ count }) => count) ?? [1];
  const most = counts.reduce((a, b) => Math.max(a, b));
  if (most === 1) return '';
  return counts.length === 1 ? ` × ${most}` : ` × up to ${most}`;
}
