/**
 * Generates docs/clients.md: what `quotalab check` shows for clients of the npm world; `npm run clients`. Names as arguments
 * check only these, and print their part instead of writing the page.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CheckTable } from '../src/check/check-table.ts';
import type { RowResult } from '../src/check/judge-row.ts';
import { check } from '../src/experiment/check.ts';
import { MARKS } from '../src/report/terminal/check-lines.ts';

interface CheckedClient {
  readonly name: string;
  readonly file: string;
  /** The packages whose versions the page states. */
  readonly packages: readonly string[];
}

const npm = (name: string, ...packages: string[]): CheckedClient => ({
  name,
  file: `test/truth/clients/${name}.ts`,
  packages,
});

const CLIENTS: readonly CheckedClient[] = [
  npm('openai-node', 'openai'),
  npm('anthropic', '@anthropic-ai/sdk'),
  npm('google-genai', '@google/genai'),
  npm('ai-sdk', 'ai', '@ai-sdk/openai'),
  npm('langchain', '@langchain/openai'),
  npm('got', 'got'),
  npm('axios-retry', 'axios', 'axios-retry'),
  npm('ky', 'ky'),
  npm('undici-retry-agent', 'undici'),
  npm('p-retry', 'p-retry'),
  { name: 'article-python', file: 'scenarios/article-python/scenario.yaml', packages: [] },
];

const PAGE = new URL('../docs/clients.md', import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Text below this line is written by hand, and kept. */
const BY_HAND = '<!-- Below: written by hand. -->';

const HEAD = `# Clients of the npm world, checked

[\`quotalab check\`](check.md) on ten clients as they come from npm, each asked for one chat completion with its default settings (the
HTTP libraries with retries of POST switched on), and on the Python client of the [article](../scenarios/article-python). \`npm run
clients\` regenerates the tables.

✗ fails, ! warns, ? undecided, ✓ passes, – does not arise for this client: most HTTP clients ask for no stream.

`;

function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return `${name} ${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`;
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** One line per situation, one column per client. */
function overview(tables: ReadonlyMap<CheckedClient, CheckTable>): string {
  const [first] = tables.values();
  const names = [...tables.keys()].map(({ name }) => name);
  const lines = first!.rows.map(({ id, situation }, index) =>
    row(situation, ...[...tables.values()].map(({ rows }) => MARKS[rows[index]!.verdict]), `\`${id}\``),
  );
  return row('the client is', ...names, 'row') + row('---', ...names.map(() => ':-:'), '---') + lines.join('');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function details({ name, packages }: CheckedClient, { time, rows }: CheckTable): string {
  const versions = packages.length === 0 ? '' : `${packages.map(versionOf).join(', ')}; `;
  const seen = rows.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn' || verdict === 'undecided');
  const lines = seen.map(({ id, verdict, did, decidedBy, reason }: RowResult) =>
    row(`${MARKS[verdict]} ${id}`, cell(did), cell(`${decidedBy}: ${reason}`)),
  );
  const table = row('row', 'what it did', 'why') + row('---', '---', '---') + lines.join('');
  return `### ${name}\n\n${versions}${time} time\n\n${lines.length === 0 ? 'All rows pass.\n' : table}\n`;
}

const wanted = process.argv.slice(2);
const tables = new Map<CheckedClient, CheckTable>();
for (const client of CLIENTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const startedMs = performance.now();
  tables.set(client, await check(client.file, { folder: ROOT }));
  process.stderr.write(`${client.name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s\n`);
}
const made = `${HEAD}${overview(tables)}\n## What failed or warned\n\n${[...tables].map((one) => details(...one)).join('')}`;
if (wanted.length > 0) process.stdout.write(made);
else {
  const byHand = readFileSync(PAGE, 'utf8').split(BY_HAND)[1] ?? '';
  writeFileSync(PAGE, `${made}${BY_HAND}${byHand}`);
}
