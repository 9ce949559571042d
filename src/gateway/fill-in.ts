import type { GatewayPlace } from '../scenario/gateway-schema.ts';

/** What only a run knows. */
export type Places = Readonly<Partial<Record<GatewayPlace, string>>>;

/** `{port}` and the others in a part of a command or a variable; braces of other words are left as they are. */
export function filledIn(text: string, places: Places): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => places[name as GatewayPlace] ?? whole);
}

/** `{{port}}` and the others in a template of a configuration, where single braces mean something themselves. */
export function configurationOf(template: string, places: Places): string {
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => places[name as GatewayPlace] ?? whole);
}
