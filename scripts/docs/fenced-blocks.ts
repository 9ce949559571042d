/** Reads the fenced blocks and the inline code of Markdown pages. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface FencedBlock {
  /** Where it stands, such as `docs/ci.md:31`. */
  readonly at: string;
  /** The word after the fence; empty for transcripts and command lines. */
  readonly language: string;
  /** The comment on the line above the fence: `file: client.ts`, `run: exit 99`. */
  readonly marker: string | undefined;
  readonly text: string;
  /** Where its text starts and ends in the page. */
  readonly from: number;
  readonly until: number;
}

const FENCE = /^( *)(```+)(\w*)\n([\s\S]*?)^ *\2$/gm;

export function fencedBlocks(page: string): FencedBlock[] {
  return blocksIn(readFileSync(join(ROOT, page), 'utf8'), page);
}

/** The fenced blocks of a page's text; `page` names it. */
export function blocksIn(text: string, page: string): FencedBlock[] {
  return [...text.matchAll(FENCE)].map(({ index, 0: all, 1: indent, 2: fence, 3: language, 4: body }) => {
    const before = text.slice(0, index).split('\n');
    const marker = /^ *<!-- (.*) -->$/.exec(before.at(-2) ?? '')?.[1];
    const lines = body!.split('\n').map((line) => line.slice(indent!.length));
    const from = index + all.indexOf('\n') + 1;
    return {
      at: `${page}:${before.length}`,
      language: language!,
      marker,
      text: lines.join('\n'),
      from,
      until: index + all.length - fence!.length - indent!.length,
    };
  });
}

/** The `code` within a line of text, outside of fenced blocks. */
export function inlineCodes(page: string): { readonly at: string; readonly code: string }[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(FENCE, (block) => block.replace(/[^\n]/g, ''));
  return [...text.matchAll(/`([^`]+)`/g)].map(({ index, 1: code }) => ({
    at: `${page}:${text.slice(0, index).split('\n').length}`,
    code: code!.replace(/\s*\n\s*/g, ' ').replaceAll('\\|', '|'),
  }));
}

/** Every page that users read, relative to the repository. */
export function pages(): string[] {
  const under = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => relative('.', join(folder, name)));
  return ['README.md', ...under('docs'), ...under('scenarios')].sort();
}
