import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../../src/cli/create-program.ts';

const argv = process.argv;
beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.argv = argv;
});

const fails = async (...args: string[]): Promise<unknown> => {
  process.argv = ['node', 'quotalab', ...args];
  return createProgram()
    .parseAsync()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
};

describe('flags that would have no effect are refused before anything runs', () => {
  it.each([
    [['run', 'x.yaml', '--allowance', '9%'], ['--allowance: has no effect without --baseline FILE']],
    [
      ['run', 'x.yaml', '--check-determinism', '--seeds', '3', '--json'],
      [
        '--seeds: has no effect with --check-determinism, which compares two runs of one seed',
        '--json: has no effect with --check-determinism, which compares two runs of one seed',
      ],
    ],
    [['check', './client.ts', '--worker'], ['--worker: has no effect on a module; it is for a program: -- COMMAND']],
    [
      ['check', '--args', '["$prompt"]', '--', 'python3', 'client.py'],
      ['--args: has no effect; it is for a function of a module: ./client.ts#name'],
    ],
    [
      ['check', 'quotalab.yaml', '--args', '["$prompt"]'],
      ['--args: has no effect; it is for a function of a module: ./client.ts#name'],
    ],
    [
      ['analyze', 'x.har', '--format', 'har', '--map', 'at=ts:ms', '--log-format', '$status'],
      [
        '--map: has no effect with --format har; it is for jsonl',
        '--log-format: has no effect with --format har; it is for nginx',
      ],
    ],
    [
      ['analyze', 'x.log', '--map', 'at=ts:ms', '--log-format', '$status'],
      ['--log-format: has no effect with --map, which is for JSON lines'],
    ],
  ])('%j', async (args, expected) => {
    const error = (await fails(...args)) as {
      code: string;
      origin: string;
      problems: { path: string; message: string }[];
    };
    expect(error).toMatchObject({ code: 'cli/idle-flag', origin: 'input' });
    expect(error.problems.map(({ path, message }) => `${path}: ${message}`)).toEqual(expected);
  });
});

describe('every flag of every command', () => {
  const program = createProgram();
  const flags = program.commands.flatMap((command) =>
    command.options.flatMap(({ long, required, optional, parseArg, argChoices }) =>
      long === null || long === undefined
        ? []
        : [
            {
              command: command.name(),
              flag: long,
              takesValue: required || optional,
              isParsed: parseArg !== undefined,
              argChoices,
            },
          ],
    ),
  );

  it('is there', () => {
    expect(flags.length).toBeGreaterThan(80);
  });

  it.each(flags)('$command $flag misspelt is refused, with the nearest one', async ({ command, flag }) => {
    const at = Math.max(3, Math.floor(flag.length / 2));
    const wrong = `${flag.slice(0, at)}${flag[at]}${flag.slice(at)}`;
    const error = (await fails(command, wrong)) as CommanderError;
    expect(error).toBeInstanceOf(CommanderError);
    expect(error.code).toBe('commander.unknownOption');
    expect(error.message).toMatch(/Did you mean (one of )?--/);
  });

  /** What these take is read later: names of files, hosts, figures and formats, which any text may be. */
  const FREE = [
    '--out',
    '--junit',
    '--scenario',
    '--baseline',
    '--gateway',
    '--keep',
    '--host',
    '--allow-host',
    '--token',
    '--limit',
    '--journal',
    '--client',
  ];
  const LATER = [
    '--fault',
    '--map',
    '--marker',
    '--log-format',
    '--allow',
    '--allowance',
    '--seed',
    '--dialect',
    '--retry-after',
    '--rate',
    '--vus',
    '--duration',
    '--iterations',
  ];
  const TIMES = ['--first-token', '--per-token', '--only', '--vary'];

  it.each(flags.filter(({ flag, takesValue }) => takesValue && ![...FREE, ...LATER, ...TIMES].includes(flag)))(
    '$command $flag with a value that it cannot have is refused, with what is allowed',
    async ({ command, flag }) => {
      const error = (await fails(command, flag, '¿')) as CommanderError;
      expect(error).toBeInstanceOf(CommanderError);
      expect(error.code).toBe('commander.invalidArgument');
      expect(error.message).toMatch(/must|Allowed choices/);
    },
  );
});
