/** Generates docs/reference: the scenario file from its schema, the commands from the command line; `npm run reference`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { commandsPage } from './reference/commands-page.ts';
import { scenarioPage } from './reference/scenario-page.ts';

const folder = new URL('../docs/reference/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('scenario.md', folder), scenarioPage());
writeFileSync(new URL('commands.md', folder), commandsPage());
