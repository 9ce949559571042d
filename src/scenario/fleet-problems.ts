import type { z } from 'zod';
import { supportedTimes } from './client-code.ts';
import { beyondModels, clientsOf } from './fleet.ts';
import type { Named } from './fleet-settings.ts';
import type { ClientCode, ClientSettings, Scenario } from './scenario.ts';

type Checked = Pick<
  Scenario,
  | 'time'
  | 'client'
  | 'clientName'
  | 'otherClients'
  | 'provider'
  | 'providerName'
  | 'otherProviders'
  | 'load'
  | 'gateway'
>;

/** Reports what goes wrong with clients in the kind of time, with replicas, and with several providers. */
export function checkFleet(scenario: Checked, context: z.RefinementCtx): void {
  const clients = clientsOf(scenario);
  for (const client of clients) {
    checkTime(scenario.time, client, context);
    checkReplicas(scenario.time, client, context);
  }
  checkProviders(scenario, context);
  const beyond = scenario.time === 'model' ? beyondModels(scenario) : undefined;
  if (beyond) context.addIssue({ code: 'custom', path: [...beyond.path], message: beyond.message });
  checkLoads(scenario, clients, context);
}

/** The path of a client's key in the file. */
const pathTo = ({ name }: Named<ClientSettings>, key: string): string[] =>
  name === '' ? ['client', key] : ['clients', name, key];

function checkTime(time: Scenario['time'], client: Named<ClientSettings>, context: z.RefinementCtx): void {
  const { code } = client.settings;
  const times = supportedTimes(code);
  if (times.includes(time)) return;
  if (code.kind === 'none') {
    const key = time === 'scaled' ? 'command' : 'module';
    context.addIssue({ code: 'custom', path: pathTo(client, key), message: `is required in ${time} time` });
    return;
  }
  const message = `cannot be ${time} for ${nameOf(code)}, which runs in ${times.join(', ').replace(/, (\w+)$/, ' or $1')} time`;
  const hint =
    time === 'scaled' && code.kind === 'module'
      ? 'use virtual: its clock jumps, which is faster'
      : 'virtual time is for modules: the clock of another process cannot jump';
  context.addIssue({ code: 'custom', path: ['time'], message, params: { hint } });
}

const nameOf = ({ kind }: ClientCode): string => (kind === 'autocannon' ? kind : `a ${kind}`);

function checkReplicas(time: Scenario['time'], client: Named<ClientSettings>, context: z.RefinementCtx): void {
  const { fleet, code } = client.settings;
  if (!fleet || time === 'model') return;
  const path = pathTo(client, fleet.steps.length === 1 && fleet.steps[0]!.count === 1 ? 'restarts' : 'replicas');
  if (code.kind === 'autocannon') {
    context.addIssue({ code: 'custom', path, message: 'cannot be combined with autocannon, which keeps no state' });
  }
  if (code.kind === 'command' && code.protocol === 'call') {
    const message = 'requires protocol: worker: this command is a new process for each call, and keeps no state';
    context.addIssue({ code: 'custom', path, message });
  }
}

function checkProviders({ otherProviders, client, gateway }: Checked, context: z.RefinementCtx): void {
  if (!otherProviders || otherProviders.length === 0) return;
  const add = (message: string, hint: string): void =>
    context.addIssue({ code: 'custom', path: ['providers'], message, params: { hint } });
  if (gateway) add('cannot be combined with a gateway, which has one provider behind it', 'leave out one of the two');
  if (client.code.kind === 'autocannon') add('cannot be combined with autocannon', 'use provider');
}

function checkLoads({ load }: Checked, clients: readonly Named<ClientSettings>[], context: z.RefinementCtx): void {
  const names = clients.map(({ name }) => name).filter((name) => name !== '');
  for (const [index, { client }] of load.entries()) {
    if (client === undefined || names.includes(client)) continue;
    const hint = names.length === 0 ? 'requires clients, by name' : `one of ${names.join(', ')}`;
    context.addIssue({
      code: 'custom',
      path: ['load', index, 'client'],
      message: `there is no client ${client}`,
      params: { hint },
    });
  }
}
