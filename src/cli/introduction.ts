import { BATTERY } from '../check/battery.ts';

const TASKS: readonly (readonly [command: string, about: string])[] = [
  ['quotalab check ./client.ts', `put your client into ${BATTERY.length} situations`],
  ['quotalab init', 'write a scenario, a client and a CI step'],
  ['quotalab run article', 'twenty users of a small quota'],
  ['quotalab exec -- npm test', 'run any program against a provider with limits'],
  ['quotalab serve', 'a provider on a port, to point any program at'],
  ['quotalab plan article', 'how many users fit under a quota'],
  ['quotalab analyze traffic.har', 'judge requests that were recorded elsewhere'],
  ['quotalab --help', 'all commands'],
];

/** What one can do in a folder without a scenario. */
export function introduction(): string {
  const width = Math.max(...TASKS.map(([command]) => command.length));
  const lines = TASKS.map(([command, about]) => `  ${command.padEnd(width)}  ${about}\n`);
  return `There is no quotalab.yaml here, so nothing was run. What you can do:\n\n${lines.join('')}`;
}
