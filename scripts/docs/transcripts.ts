/**
 * Runs what a page shows. Its blocks say what they are in a comment above the fence:
 * `file: client.ts` is written, `run: exit 99` is run, and `output` or `output: last 12` is what was printed. Each section of a
 * page has a folder of its own. `run: exit 99, in tests --only hang` adds flags in tests, which have less time.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { argumentsIn, shellLines, splitWords } from './command-lines.ts';
import { blocksIn, type FencedBlock, ROOT } from './fenced-blocks.ts';

export interface FileStep {
  readonly kind: 'file';
  readonly name: string;
  readonly text: string;
}

export interface RunStep {
  readonly kind: 'run';
  readonly at: string;
  /** Arguments of each command, without the name of the program. */
  readonly commands: readonly (readonly string[])[];
  readonly exit: number;
  readonly inTests: readonly string[];
  /** The block that shows what is printed, and the part of it that is shown. */
  readonly shown?: { readonly block: FencedBlock; readonly part: string };
}

export interface PageSection {
  readonly title: string;
  readonly steps: readonly (FileStep | RunStep)[];
}

/** Runs quotalab with these arguments. */
export type Quotalab = (
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

/** Returns the sections of a page that run something. */
export function runnableSections(text: string, page: string): PageSection[] {
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(({ index, 1: title }) => ({ index, title: title! }));
  const sections = headings.map(({ index, title }, at) => {
    const until = headings[at + 1]?.index ?? text.length;
    const blocks = blocksIn(text, page).filter(({ from }) => from > index && from < until);
    return { title, steps: blocks.flatMap((block, place) => toStep(block, blocks[place + 1])) };
  });
  return sections.filter(({ steps }) => steps.some(({ kind }) => kind === 'run'));
}

function toStep(block: FencedBlock, next: FencedBlock | undefined): (FileStep | RunStep)[] {
  const { at, marker = '', text } = block;
  const [, name] = /^file: (\S+)$/.exec(marker) ?? [];
  if (name !== undefined) return [{ kind: 'file', name, text }];
  const [, exit, flags = ''] = /^run: exit (\d+)(?:, in tests (.*))?$/.exec(marker) ?? [];
  if (exit === undefined) return [];
  const commands = shellLines(text).flatMap((line) => {
    const words = argumentsIn(line);
    return words ? [words] : [];
  });
  const output = /^output(?:: (.*))?$/.exec(next?.marker ?? '');
  const shown = output && next ? { shown: { block: next, part: output[1] ?? 'all' } } : {};
  return [{ kind: 'run', at, commands, exit: Number(exit), inTests: splitWords(flags), ...shown }];
}

/** What a step printed, as the page shows it. */
export interface StepOutcome {
  readonly step: RunStep;
  readonly codes: readonly (number | null)[];
  readonly output: string;
}

/** Runs a section in a new folder with the packages of this repository. */
export async function runSection(
  { steps }: PageSection,
  quotalab: Quotalab,
  { inTests }: { readonly inTests: boolean },
): Promise<StepOutcome[]> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-docs-'));
  symlinkSync(join(ROOT, 'node_modules'), join(cwd, 'node_modules'));
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }\n');
  const outcomes: StepOutcome[] = [];
  try {
    for (const step of steps) {
      if (step.kind === 'file') {
        mkdirSync(dirname(join(cwd, step.name)), { recursive: true });
        writeFileSync(join(cwd, step.name), step.text);
      } else outcomes.push(await runStep(step, quotalab, cwd, inTests ? step.inTests : []));
    }
    return outcomes;
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

async function runStep(step: RunStep, quotalab: Quotalab, cwd: string, added: readonly string[]): Promise<StepOutcome> {
  const env = { NO_COLOR: '1', COLUMNS: '80', CI: '' };
  const codes: (number | null)[] = [];
  let output = '';
  for (const command of step.commands) {
    const { code, stdout, stderr } = await quotalab([...command, ...added], { cwd, env });
    codes.push(code);
    output += code === 0 || code === 99 ? stdout : stdout + stderr;
  }
  const text = output.replaceAll(cwd, '.').replace(/[ \t]+$/gm, '');
  return { step, codes, output: cut(text.replace(/^\n+|\n+$/g, ''), step.shown?.part ?? 'all') };
}

/** `all`, or some lines such as `first 12`, `last 3` and `first 12, last 3`; `…` stands for the others. */
export function cut(text: string, part: string): string {
  const lines = text.split('\n');
  const count = (end: string): number => Number(new RegExp(`${end} (\\d+)`).exec(part)?.[1] ?? 0);
  const [first, last] = [count('first'), count('last')];
  if (part === 'all' || lines.length <= first + last) return text;
  return [...lines.slice(0, first), '  …', ...lines.slice(lines.length - last)].join('\n');
}

/** Replaces the shown outputs of a page by what its steps printed. */
export function withOutputs(text: string, outcomes: readonly StepOutcome[]): string {
  const shown = outcomes.flatMap(({ step, output }) => (step.shown ? [{ block: step.shown.block, output }] : []));
  return shown
    .sort((a, b) => b.block.from - a.block.from)
    .reduce((page, { block, output }) => `${page.slice(0, block.from)}${output}\n${page.slice(block.until)}`, text);
}
