import type { Profile } from '../../../mock-server/profiles/profiles.ts';
import { tableLines } from './table-lines.ts';

const COLUMNS = [
  ['requestsPerMinute', 'RPM'],
  ['requestsPerDay', 'RPD'],
  ['tokensPerMinute', 'TPM'],
  ['inputTokensPerMinute', 'input TPM'],
  ['outputTokensPerMinute', 'output TPM'],
] as const;

/** Returns a table of profiles with their sources and how to use one. `part`: the filter on names. */
export function profileLines(profiles: readonly Profile[], part: string | undefined): string[] {
  if (profiles.length === 0) return [`no profile name contains "${part ?? ''}"`];
  const head = ['profile', ...COLUMNS.map(([, title]) => title), 'as of'];
  const rows = profiles.map(({ name, limits, asOf }) => [
    name,
    ...COLUMNS.map(([key]) => limits[key]?.toLocaleString('en-US') ?? '–'),
    asOf ?? '–',
  ]);
  const sources = [...Map.groupBy(profiles, ({ source }) => source)];
  return [
    ...tableLines([head, ...rows]),
    '',
    ...sources.flatMap(([source, [{ read, note } = {} as Profile]]) => [
      `${source} (read ${read})`,
      ...(note ? [`  ${note}`] : []),
    ]),
    '',
    `In a scenario: provider: { limits: ${profiles[0]!.name} }; with serve: --limit ${profiles[0]!.name}`,
    'Providers change these without notice: check the limits page of your account.',
  ];
}
