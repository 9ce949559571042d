/** Names of colours. A chart spec holds `@name` or `@name 40%` (opacity) wherever Chart.js expects a colour. */
export type ColourName = keyof typeof LIGHT;

export type Palette = Readonly<Record<ColourName, string>>;

/** On paper: the colours of Okabe and Ito, which people with colour vision deficiency can distinguish. */
export const LIGHT = {
  paper: '#FFFFFF',
  ink: '#111111',
  text: '#222222',
  soft: '#4D4D4D',
  grid: '#E8E8E8',
  admitted: '#009E73',
  rejected: '#D55E00',
  gateway: '#E69F00',
  offered: '#0072B2',
  failed: '#CC79A7',
  requested: '#E69F00',
  limit: '#111111',
  quiet: '#9A9A9A',
  before: '#767676',
  heatLow: '#EEF4F9',
  heatHigh: '#08457E',
  costLow: '#F7F7F7',
  costHigh: '#D55E00',
  first: '#0072B2',
  second: '#E69F00',
  third: '#CC79A7',
  fourth: '#009E73',
} as const satisfies Readonly<Record<string, string>>;

/** On a dark page: the same hues, light enough to be read there. */
export const DARK: Palette = {
  paper: '#15181C',
  ink: '#F2F2F2',
  text: '#DDDDDD',
  soft: '#B5B5B5',
  grid: '#2E333A',
  admitted: '#2FC79B',
  rejected: '#F0813A',
  gateway: '#F2B84B',
  offered: '#56B4E9',
  failed: '#E39BC4',
  requested: '#F2B84B',
  limit: '#F2F2F2',
  quiet: '#8E959E',
  before: '#9DA4AD',
  heatLow: '#1B2530',
  heatHigh: '#8CC8F5',
  costLow: '#1F2328',
  costHigh: '#E5702A',
  first: '#56B4E9',
  second: '#F2B84B',
  third: '#E39BC4',
  fourth: '#2FC79B',
};

/** Returns a copy of a config in which every named colour is one of `palette`. Data points are shared, not copied. */
export function paint<Value>(value: Value, palette: Palette, key = ''): Value {
  if (typeof value === 'string') return (/colors?$/i.test(key) ? paintOne(value, palette) : value) as Value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (key === 'data' ? value : value.map((item) => paint(item, palette, key))) as Value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, paint(inner, palette, name)])) as Value;
}

function paintOne(text: string, palette: Palette): string {
  const [, name, percent] = /^@(\w+)(?: (\d+)%)?$/.exec(text) ?? [];
  if (name === undefined || !(name in palette)) return text;
  const opaque = palette[name as ColourName];
  if (percent === undefined) return opaque;
  const alpha = Math.round((Number(percent) / 100) * 255);
  return `${opaque}${alpha.toString(16).padStart(2, '0')}`;
}

/** Returns the colour between two of the form `#RRGGBB`; `share` 0 is the first. */
export function mix(low: string, high: string, share: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [from, to] = [Number.parseInt(low.slice(at, at + 2), 16), Number.parseInt(high.slice(at, at + 2), 16)];
    return Math.round(from + (to - from) * share);
  });
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** Returns whether text on this colour (`#RRGGBB`) must be light (relative luminance of WCAG, without its gamma). */
export function isDark(background: string): boolean {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! < 140;
}
