import { stringify } from 'yaml';
import { formatDuration } from '../../../mock-server/duration.ts';

/** Folders of the machine that the scenario ran on. */
const HIDDEN = new Set(['folder']);

/**
 * Returns the settings of a run with every default as YAML, durations as `1m30s`. It can be read, not run: names are those of
 * the settings after all short forms were resolved.
 */
export function resolvedScenario(scenario: object): string {
  return stringify(readable(scenario), { lineWidth: 100, aliasDuplicateObjects: false });
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => item !== undefined && !HIDDEN.has(name))
      .map(([name, item]) => readableEntry(name, item)),
  );
}

function readableEntry(name: string, value: unknown): [string, unknown] {
  const isDuration = /\wUs$/.test(name) && typeof value === 'number' && Number.isFinite(value) && value >= 0;
  // A start is an instant, too long to be a duration that anyone can read.
  if (!isDuration || name === 'startUs') return [name, readable(value)];
  return [name.slice(0, -'Us'.length), formatDuration(value)];
}
