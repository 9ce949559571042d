/** What is sent in place of a limit header: nothing, a fixed value, or the value under another name. */
export type LimitHeaderSetting = 'none' | { readonly as?: string; readonly literal?: string };

/** Settings of limit headers by their lower-case names. */
export type LimitHeaderSettings = Readonly<Record<string, LimitHeaderSetting>>;

/**
 * Returns the limit headers of a reply as a provider that renames them, leaves them out or lies sends them. A fixed value is
 * sent whether or not there is a limit of that kind; all others keep their order.
 */
export function setLimitHeaders(
  headers: Readonly<Record<string, string>>,
  settings: LimitHeaderSettings,
): Record<string, string> {
  const names = new Set([...Object.keys(headers), ...Object.keys(settings)]);
  const sent = [...names].flatMap((name): [string, string][] => {
    const setting = settings[name] ?? {};
    if (setting === 'none') return [];
    const value = setting.literal ?? headers[name];
    return value === undefined ? [] : [[setting.as ?? name, value]];
  });
  return Object.fromEntries(sent);
}
