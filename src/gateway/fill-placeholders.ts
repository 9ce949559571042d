import type { GatewayPlaceholder } from '../scenario/gateway-schema.ts';

/** Values of placeholders, known only during a run. */
export type PlaceholderValues = Readonly<Partial<Record<GatewayPlaceholder, string>>>;

/** Replaces `{port}` and the other placeholders in part of a command or variable; other braces stay unchanged. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name as GatewayPlaceholder] ?? whole);
}

/** Replaces `{{port}}` and the other placeholders in a configuration template, where single braces are syntax. */
export function fillConfiguration(template: string, values: PlaceholderValues): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values[name as GatewayPlaceholder] ?? whole);
}

/** Replaces the placeholders in the values of headers. */
export function fillHeaders(
  headers: Readonly<Record<string, string>> = {},
  values: PlaceholderValues,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fillPlaceholders(value, values)]));
}
