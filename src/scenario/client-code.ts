import { z } from 'zod';
import { formatCommand } from '../programs/command-text.ts';
import { autocannonCode, autocannonField } from './autocannon-code.ts';
import type { ClientCode, ClientSettings, Scenario } from './scenario.ts';
import { undiciCode, undiciField } from './undici-code.ts';

/** The keys of `client:` that select the code to run. */
export const codeFields = {
  module: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A module whose default export makes one call; relative to this file. `./assistant.ts#answer` calls the export ' +
        '`answer` with a prompt. Without client code, the model runs.',
    ),
  args: z
    .array(z.unknown())
    .optional()
    .describe(
      'The arguments of a function of a module: a list in which `$prompt`, `$model`, `$maxTokens`, `$stream`, `$call` and ' +
        '`$signal` stand for the parts of a call.',
    ),
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
      'For a command. call (the default): one process per call; the call is JSON on stdin, the result JSON on stdout. ' +
        'worker: a long-running process; one line of JSON per call and per result.',
    ),
  workers: z.int().min(1).max(256).optional().describe('Number of worker processes (default: 1).'),
  undici: undiciField,
  autocannon: autocannonField,
};

export type CodeInput = { readonly [Key in keyof typeof codeFields]?: z.output<(typeof codeFields)[Key]> };

/** Mutually exclusive keys: a client has at most one of these. */
const CODE_KEYS = ['module', 'command', 'undici', 'autocannon'] as const;

/** Finds conflicts between the keys of `client:`. Each is reported at the key to change. */
export function codeProblems(raw: CodeInput & { readonly model?: unknown }): {
  readonly key: string;
  readonly message: string;
}[] {
  const { protocol, workers, command, model, args, module } = raw;
  const problems: { key: string; message: string }[] = [];
  const [kind, ...others] = CODE_KEYS.filter((key) => raw[key] !== undefined);
  if (kind === undefined && model === undefined) {
    const message = 'is required, unless command, undici, autocannon or model is set';
    problems.push({ key: 'module', message });
  }
  for (const key of others) problems.push({ key, message: `cannot be combined with ${kind}` });
  if (args !== undefined && module === undefined) problems.push({ key: 'args', message: 'requires module' });
  if (protocol !== undefined && command === undefined) {
    problems.push({ key: 'protocol', message: 'requires command' });
  }
  if (workers !== undefined && protocol !== 'worker') {
    problems.push({ key: 'workers', message: 'requires a command with protocol: worker' });
  }
  return problems;
}

/** Returns the code to run and its name in reports. Paths stay as written; `load-scenario.ts` makes them absolute. */
export function resolveCode({
  module,
  args,
  command,
  protocol,
  workers,
  undici,
  autocannon,
}: CodeInput): Pick<ClientSettings, 'code' | 'written'> {
  if (module !== undefined) return { code: moduleCode(module, args), written: module };
  if (undici !== undefined) return undiciCode(undici);
  if (autocannon !== undefined) return autocannonCode(autocannon);
  if (command === undefined) return { code: { kind: 'none' }, written: '' };
  const code = { kind: 'command', command, protocol: protocol ?? 'call', workers: workers ?? 1, folder: '.' } as const;
  return { code, written: formatCommand(command) };
}

/** Splits `./assistant.ts#answer` into file and export; a `#` before anything but a name belongs to the file. */
function moduleCode(written: string, args: readonly unknown[] | undefined): ClientCode {
  const [, file = written, exported] = /^(.+)#([\p{L}_$][\p{L}\p{N}_$]*)$/u.exec(written) ?? [];
  return {
    kind: 'module',
    module: file,
    ...(exported !== undefined && { exported }),
    ...(args !== undefined && { args }),
  };
}

/** The kinds of time in which this code can run; the first is the default. */
export function supportedTimes({ kind }: ClientCode): readonly [Scenario['time'], ...Scenario['time'][]] {
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
