type Container = Record<string, unknown>;

/** A rule of a file without what is not supported, and its index in the file. */
interface SupportedRule {
  readonly rule: unknown;
  readonly index: number;
}

/** The rules of a file of aimock. */
export interface SupportedRules {
  readonly supported: readonly SupportedRule[];
  /** Keys that were removed, with the number of rules that had them: `match.context` → 3. */
  readonly unsupported: ReadonlyMap<string, number>;
  /** Rules of which nothing is left, or that are for other endpoints. */
  readonly leftOut: number;
}

/** What aimock 1.43 knows and QuotaLab does not, by the block it stands in (its `types.d.ts`: Fixture, FixtureResponse). */
const UNSUPPORTED: readonly { readonly at: readonly string[]; readonly keys: readonly string[] }[] = [
  {
    at: [],
    keys: [
      ...['latency', 'chunkSize', 'truncateAfterChunks', 'disconnectAfterMs', 'streamingProfile', 'recordedTimings'],
      ...['replaySpeed', 'chaos', 'openRouterProcessing', 'metadata'],
    ],
  },
  { at: ['match'], keys: ['context'] },
  {
    at: ['response'],
    keys: [
      ...['id', 'created', 'model', 'usage', 'finishReason', 'role', 'systemFingerprint', 'fallthrough'],
      ...['reasoning', 'reasoningSignature', 'redactedThinking', 'webSearches', 'json', 'billableUnits'],
      ...['image', 'images', 'audio', 'format', 'transcription', 'video'],
    ],
  },
  { at: ['response', 'error'], keys: ['param', 'metadata'] },
];

/** Endpoints of aimock that QuotaLab does not serve; a name that aimock does not know either is wrong, and stays. */
const OTHER_ENDPOINTS =
  /^(image|speech|transcription|translation|video|audio-gen|elevenlabs-.+|fal(-audio)?|realtime(-.+)?|openai-live)$/;

/** Removes what aimock knows and QuotaLab does not from the rules of one of its files. Any other wrong key stays. */
export function withoutUnsupported(rules: readonly unknown[]): SupportedRules {
  const unsupported = new Map<string, number>();
  const supported = rules.flatMap((written, index): SupportedRule[] => {
    const rule = structuredClone(written);
    const removed = UNSUPPORTED.flatMap(({ at, keys }) => removeKeys(rule, at, keys));
    for (const key of removed) unsupported.set(key, (unsupported.get(key) ?? 0) + 1);
    const response = blockAt(rule, ['response']);
    const isEmptied = response !== undefined && Object.keys(response).length === 0 && removed.length > 0;
    const isElsewhere = OTHER_ENDPOINTS.test(String(blockAt(rule, ['match'])?.endpoint));
    return isEmptied || isElsewhere ? [] : [{ rule, index }];
  });
  return { supported, unsupported, leftOut: rules.length - supported.length };
}

/** Says which keys of a file have no effect; undefined if all have. */
export function describeUnsupported(
  name: string,
  { unsupported, leftOut }: Pick<SupportedRules, 'unsupported' | 'leftOut'>,
): string | undefined {
  const keys = [...unsupported].map(([key, count]) => `${key} (${count})`).join(', ');
  const rules = leftOut === 1 ? 'one rule is' : `${leftOut} rules are`;
  const parts = [
    ...(keys === '' ? [] : [`ignores these keys of aimock: ${keys}`]),
    ...(leftOut === 0 ? [] : [`${rules} left out, as other endpoints or answers are not supported`]),
  ];
  return parts.length === 0 ? undefined : `${name}: QuotaLab ${parts.join('; ')}`;
}

function removeKeys(rule: unknown, at: readonly string[], keys: readonly string[]): string[] {
  const block = blockAt(rule, at);
  if (!block) return [];
  const found = keys.filter((key) => Object.hasOwn(block, key));
  for (const key of found) delete block[key];
  return found.map((key) => [...at, key].join('.'));
}

function blockAt(rule: unknown, at: readonly string[]): Container | undefined {
  const block = at.reduce<unknown>((value, key) => (value as Container | null | undefined)?.[key], rule);
  return typeof block === 'object' && block !== null && !Array.isArray(block) ? (block as Container) : undefined;
}
