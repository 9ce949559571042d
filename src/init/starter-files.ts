import { stringify } from 'yaml';
import type { Project } from './detect-project.ts';
import { type StarterClient, starterClient } from './starter-client.ts';

export const CI_SYSTEMS = ['github', 'gitlab', 'none'] as const;
export type CiSystem = (typeof CI_SYSTEMS)[number];

/** What the user wants. */
export interface Wishes {
  /** A limit in words: `requests 500/min`. */
  readonly limit: string;
  /** Calls a second: `12/s`. */
  readonly rate: string;
  readonly ci: CiSystem;
  /** A client that is there already: a module, or one of its functions. */
  readonly client?: string | undefined;
}

/** A file to write, by its path from the folder of the project. */
export interface StarterFile {
  readonly path: string;
  readonly text: string;
}

/** Files to write, and packages that the client needs. */
export interface StarterFiles {
  readonly files: readonly StarterFile[];
  readonly packages: readonly string[];
}

export const DEFAULT_LIMIT = '60/min';

/** Returns a limit in words: `500/min` alone is a number of requests in fixed windows, whose waits differ most. */
export function limitInWords(limit: string): string {
  return /^[\d.]+k?\/\w+$/.test(limit.trim()) ? `requests ${limit.trim()} algorithm fixed-window` : limit.trim();
}

/** The length of the load. */
const LOAD_S = 60;
const UNIT_S: Readonly<Record<string, number>> = { s: 1, min: 60, m: 60, h: 3600, d: 86_400, day: 86_400 };

/**
 * Returns a rate of calls, per second, of which a limit in words refuses some within the load: half as many again as a window
 * admits, or for a bucket that also refills, two and a half times. Without a rate in the words (`concurrent 8`, a profile): 10/s.
 */
export function rateAbove(limit: string): string {
  const [, amount, thousands, unit = ''] = /([\d.]+)(k?)\/(\w+)/.exec(limit) ?? [];
  const windowS = UNIT_S[unit];
  if (amount === undefined || windowS === undefined || /tokens|concurrent/.test(limit)) return '10/s';
  const perS = (Number(amount) * (thousands === 'k' ? 1000 : 1)) / Math.min(windowS, LOAD_S);
  return `${Number((perS * (limit.includes('fixed-window') ? 1.5 : 2.5)).toPrecision(3))}/s`;
}

/** Returns the files of a project's first scenario. */
export function starterFiles(project: Project, wishes: Wishes): StarterFiles {
  const client = wishes.client === undefined ? starterClient(project) : undefined;
  const files = [
    { path: 'quotalab.yaml', text: scenarioText(client, wishes) },
    ...(client ? [{ path: client.name, text: client.text }] : []),
    ...ciFiles(project, wishes.ci),
  ];
  return { files, packages: client?.packages ?? [] };
}

function scenarioText(client: StarterClient | undefined, { limit, rate, client: own }: Wishes): string {
  const isProgram = client?.written.startsWith('{') === true;
  const dialect = client && client.dialect !== 'openai' ? `  dialect: ${client.dialect}\n` : '';
  return `# yaml-language-server: $schema=./node_modules/quotalab/schema/scenario.schema.json
name: quotalab
about: Our client under our limit, for a minute in which more arrives than the limit admits.
seed: 1
# Waiting takes no time in virtual time; a program of its own needs wall time.
time: ${isProgram ? 'wall' : 'virtual'}
provider:
${dialect}  limits:
    # The limit of your account: quotalab profiles lists known ones.
    - ${scalar(limit)}
client: ${client?.written ?? scalar(own!)}
load:
  # Calls arrive at this rate, however slow the answers are. gracefulStop lets those that wait come to an end.
  - { executor: constant-arrival-rate, rate: ${scalar(rate)}, duration: ${LOAD_S}s, arrivals: poisson, gracefulStop: 2m }
thresholds:
  call_failed: ["rate<0.01"]
`;
}

/** A value as YAML. */
const scalar = (value: string): string => stringify(value).trim();

function ciFiles({ install, hasQuotalab }: Project, ci: CiSystem): StarterFile[] {
  if (ci === 'none') return [];
  const steps = [
    ...(install === undefined ? [] : [install]),
    `npx ${hasQuotalab || install !== undefined ? '' : '--yes '}quotalab run --junit reports/quotalab.xml`,
  ];
  return ci === 'github'
    ? [{ path: '.github/workflows/quotalab.yml', text: githubText(steps) }]
    : [{ path: '.gitlab-ci.quotalab.yml', text: gitlabText(steps) }];
}

function githubText(steps: readonly string[]): string {
  return `name: quotalab

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

jobs:
  retries:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
${steps.map((step) => `      - run: ${step}\n`).join('')}      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: quotalab
          path: reports
`;
}

function gitlabText(steps: readonly string[]): string {
  return `# In .gitlab-ci.yml: include: { local: .gitlab-ci.quotalab.yml }
quotalab:
  image: node:24
  script:
${steps.map((step) => `    - ${step}\n`).join('')}  artifacts:
    when: always
    paths: [reports]
    reports:
      junit: reports/quotalab.xml
`;
}
