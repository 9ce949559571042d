import { z } from 'zod';
import { duration, keysOf } from './fields.ts';

/** What stands for the things that only a run knows, in a gateway's command and environment; doubled in its configuration. */
const GATEWAY_PLACES = ['port', 'upstream', 'folder', 'config'] as const;

export type GatewayPlace = (typeof GATEWAY_PLACES)[number];

const PORT_HINT = 'a gateway must be told where to listen: {port} in its command or env, {{port}} in its config';

/** The `gateway:` block. Paths are as written: `load-scenario.ts` makes them absolute. */
export const gatewaySchema = keysOf({
  command: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'The program and its arguments, which stays in the foreground and is started in the folder of this file. Filled in: ' +
        '{port}, where it listens on 127.0.0.1; {upstream}, the host:port of the provider; {folder}, a temporary one; ' +
        '{config}, the finished configuration.',
    ),
  config: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A template of its configuration, relative to this file, with {{port}}, {{upstream}} and {{folder}}; what is made of ' +
        'it lies in the temporary folder.',
    ),
  env: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('Variables of its environment; filled in like the command.'),
  startTimeout: duration('How long it may take until it listens.').default(30_000_000),
})
  .superRefine(({ command, config, env }, context) => {
    if (command.length === 0) return;
    const texts = [...command, ...Object.values(env)];
    const isNamed = (place: GatewayPlace): boolean => texts.some((text) => text.includes(`{${place}}`));
    if (config === undefined && isNamed('config')) {
      context.addIssue({
        code: 'custom',
        path: ['config'],
        message: 'is required: {config} stands for what is made of it',
      });
    } else if (config === undefined && !isNamed('port')) {
      context.addIssue({ code: 'custom', path: ['command'], message: 'names no {port}', params: { hint: PORT_HINT } });
    }
  })
  .transform(({ startTimeout: startTimeoutUs, config, ...rest }) => ({
    ...rest,
    ...(config !== undefined && { config: { file: config, written: config } }),
    startTimeoutUs,
    folder: '.',
  }));

/** What is wrong with the text of a configuration's template, or undefined. */
export function templateFault(text: string, command: readonly string[]): { message: string; hint: string } | undefined {
  if (text.includes('{{port}}') || command.some((part) => part.includes('{port}'))) return undefined;
  return { message: 'names no {{port}}', hint: PORT_HINT };
}
