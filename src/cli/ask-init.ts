import { cancel, group, intro, select, text } from '@clack/prompts';
import { type Project, STARTERS } from '../init/detect-project.ts';
import { CI_SYSTEMS, type CiSystem, DEFAULT_LIMIT, limitInWords, rateAbove } from '../init/starter-files.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import type { InitFlags } from './init-flags.ts';

const options = <Value extends string>(values: readonly Value[]) => values.map((value) => ({ value, label: value }));

/** Asks for what the flags leave open, on a terminal. Returns undefined if the user cancels. */
export async function askInit(
  { starter }: Project,
  flags: InitFlags,
  defaults: { readonly ci: CiSystem },
): Promise<Omit<InitFlags, 'yes' | 'force' | 'json'> | undefined> {
  intro('quotalab init');
  let isCancelled = false;
  const answers = await group(
    {
      sdk: async () =>
        flags.client === undefined && flags.sdk === undefined
          ? select({ message: 'What does your client call with?', options: options(STARTERS), initialValue: starter })
          : flags.sdk,
      limit: async () =>
        flags.limit ??
        text({
          message: 'What is the limit of your account?',
          placeholder: DEFAULT_LIMIT,
          defaultValue: DEFAULT_LIMIT,
          validate: (value) => problemOf(value),
        }),
      rate: async ({ results }): Promise<string | symbol> => {
        if (flags.rate !== undefined) return flags.rate;
        const suggested = rateAbove(limitInWords(String(results.limit ?? DEFAULT_LIMIT)));
        return text({ message: 'How many calls arrive?', placeholder: suggested, defaultValue: suggested });
      },
      ci: async () =>
        flags.ci ??
        select({
          message: 'Write a step for which CI system?',
          options: options(CI_SYSTEMS),
          initialValue: defaults.ci,
        }),
    },
    {
      onCancel() {
        isCancelled = true;
        cancel('nothing was written');
      },
    },
  );
  if (isCancelled) return undefined;
  const { sdk, rate, ...others } = answers;
  return {
    ...others,
    rate: String(rate),
    ...(sdk !== undefined && { sdk }),
    ...(flags.client !== undefined && { client: flags.client }),
  };
}

/** Why a limit is refused. */
function problemOf(limit: string | undefined): string | undefined {
  if (limit === undefined || limit === '') return undefined;
  try {
    parseLimitLine(limitInWords(limit));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
