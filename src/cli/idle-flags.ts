import type { Command } from 'commander';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';

type Values = Readonly<Record<string, unknown>>;

/** A flag that has no effect beside others, or without them. */
interface IdleFlag {
  readonly command: string;
  /** Its attribute, as commander names it, and as it is written. */
  readonly name: string;
  readonly written: string;
  /** Why it has no effect; undefined if it has one. `words` are the arguments of the command. */
  reason(values: Values, words: readonly string[]): string | undefined;
}

const withoutBaseline = ({ baseline }: Values): string | undefined =>
  baseline === undefined ? 'has no effect without --baseline FILE' : undefined;

const whileCheckingDeterminism = ({ checkDeterminism }: Values): string | undefined =>
  checkDeterminism === true ? 'has no effect with --check-determinism, which compares two runs of one seed' : undefined;

const isProgram = (): boolean => process.argv.includes('--');

const IDLE_FLAGS: readonly IdleFlag[] = [
  { command: 'run', name: 'allowance', written: '--allowance', reason: withoutBaseline },
  ...['seeds', 'json', 'junit', 'full'].map((name) => ({
    command: 'run',
    name,
    written: `--${name}`,
    reason: whileCheckingDeterminism,
  })),
  {
    command: 'run',
    name: 'journal',
    written: '--journal',
    reason: (values) =>
      values.seeds === undefined
        ? whileCheckingDeterminism(values)
        : 'has no effect with --seeds, which writes a journal for each seed into the folder of --out',
  },
  {
    command: 'check',
    name: 'worker',
    written: '--worker',
    reason: () => (isProgram() ? undefined : 'has no effect on a module; it is for a program: -- COMMAND'),
  },
  {
    command: 'check',
    name: 'args',
    written: '--args',
    reason: (_values, [client = '']) =>
      isProgram() || /\.ya?ml$/.test(client)
        ? 'has no effect; it is for a function of a module: ./client.ts#name'
        : undefined,
  },
  {
    command: 'analyze',
    name: 'map',
    written: '--map',
    reason: ({ format }) =>
      format === undefined || format === 'jsonl' ? undefined : `has no effect with --format ${format}; it is for jsonl`,
  },
  {
    command: 'analyze',
    name: 'logFormat',
    written: '--log-format',
    reason({ format, map }) {
      if (format === undefined && (map as readonly string[]).length > 0) {
        return 'has no effect with --map, which is for JSON lines';
      }
      return format === undefined || format === 'nginx'
        ? undefined
        : `has no effect with --format ${format}; it is for nginx`;
    },
  },
];

/** Throws `cli/idle-flag` for flags that the user gave and that would have no effect, all at once. */
export function ensureNoIdleFlags(command: Command): void {
  const values = command.opts<Values>();
  const problems = IDLE_FLAGS.flatMap((flag): Problem[] => {
    if (flag.command !== command.name() || command.getOptionValueSource(flag.name) !== 'cli') return [];
    const message = flag.reason(values, command.args);
    return message === undefined ? [] : [{ path: flag.written, message }];
  });
  if (problems.length > 0) throw new QuotaLabError('cli/idle-flag', 'flags without effect', { problems });
}
