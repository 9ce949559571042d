import { z } from 'zod';
import { commandText } from '../programs/command-text.ts';
import { autocannonCode, autocannonField } from './autocannon-code.ts';
import type { ClientCode, ClientSettings, Scenario } from './scenario.ts';
import { undiciCode, undiciField } from './undici-code.ts';

/** The keys of `client:` that say what is run. */
export const codeFields = {
  module: z
    .string()
    .min(1)
    .optional()
    .describe('A module whose default export makes one call; relative to this file. Without it the model is run.'),
  command: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'A program in any language and its arguments, started in the folder of this file: `[python3, client.py]`.',
    ),
  protocol: z
    .enum(['call', 'worker'])
    .optional()
    .describe(
      'Of a command. call (the default): started for each call, which is JSON on stdin; the result is JSON on stdout. ' +
        'worker: started once, one line of JSON for each call and each result.',
    ),
  workers: z.int().min(1).max(256).optional().describe('Processes of a worker (default: 1).'),
  undici: undiciField,
  autocannon: autocannonField,
};

export type CodeInput = { readonly [Key in keyof typeof codeFields]?: z.output<(typeof codeFields)[Key]> };

/** What is run; a client is one of these. */
const KINDS = ['module', 'command', 'undici', 'autocannon'] as const;

/** What is wrong with these keys together, by the key that is to be changed. */
export function codeProblems(raw: CodeInput & { readonly model?: unknown }): {
  readonly key: string;
  readonly message: string;
}[] {
  const { protocol, workers, command, model } = raw;
  const problems: { key: string; message: string }[] = [];
  const [kind, ...others] = KINDS.filter((key) => raw[key] !== undefined);
  if (kind === undefined && model === undefined) {
    const message =
      'is required, or command, undici or autocannon, or model: the known client that is run in its place';
    problems.push({ key: 'module', message });
  }
  for (const key of others) problems.push({ key, message: `stands beside ${kind}; a client is one or the other` });
  if (protocol !== undefined && command === undefined) {
    problems.push({ key: 'protocol', message: 'is for a command, and there is none' });
  }
  if (workers !== undefined && protocol !== 'worker') {
    problems.push({ key: 'workers', message: 'is for a command with protocol: worker' });
  }
  return problems;
}

/** What is run, and what reports call it. Paths are as written: `load-scenario.ts` makes them absolute. */
export function resolveCode({
  module,
  command,
  protocol,
  workers,
  undici,
  autocannon,
}: CodeInput): Pick<ClientSettings, 'code' | 'written'> {
  if (module !== undefined) return { code: { kind: 'module', module }, written: module };
  if (undici !== undefined) return undiciCode(undici);
  if (autocannon !== undefined) return autocannonCode(autocannon);
  if (command === undefined) return { code: { kind: 'none' }, written: '' };
  const code = { kind: 'command', command, protocol: protocol ?? 'call', workers: workers ?? 1, folder: '.' } as const;
  return { code, written: commandText(command) };
}

/** In which times this can be run; the first is meant where a scenario does not say. */
export function timesOf({ kind }: ClientCode): readonly [Scenario['time'], ...Scenario['time'][]] {
  switch (kind) {
    case 'module':
      return ['virtual', 'wall', 'model'];
    case 'command':
      return ['wall', 'scaled', 'model'];
    case 'autocannon':
      return ['wall'];
    case 'none':
      return ['model'];
  }
}
