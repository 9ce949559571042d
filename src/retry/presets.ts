import { HTTP_PRESETS } from './http-presets.ts';
import { BARE, createModel, createPreset, type Preset } from './preset.ts';
import { SDK_PRESETS } from './sdk-presets.ts';

const S = 1_000_000;

/** Textbook policies for comparison. */
const REFERENCES: readonly Preset[] = [
  createReference('one attempt, no retries', BARE),
  createReference('a fixed wait of 1 s, unlimited retries', createModel('fixed', { max: null, baseUs: S, factor: 1 })),
  createReference(
    'exponential backoff with full jitter, 0.5 to 8 s, 10 retries',
    createModel('full-jitter', { max: 10, capUs: 8 * S, jitter: { kind: 'full' } }),
  ),
  createReference(
    'decorrelated jitter, 0.5 to 8 s, 10 retries',
    createModel('decorrelated', { max: 10, capUs: 8 * S, jitter: { kind: 'decorrelated' } }),
  ),
  createReference(
    'Retry-After as a floor and full jitter of 1 to 20 s on top, 10 retries',
    createModel('floor-and-jitter', {
      max: 10,
      baseUs: S,
      capUs: 20 * S,
      jitter: { kind: 'full' },
      retryAfter: { reads: 'milliseconds', as: 'floor' },
    }),
  ),
];

function createReference(about: string, model: Preset['model']): Preset {
  return createPreset({ about, source: 'textbook policy', version: '1' }, model);
}

/** All presets. */
export const PRESETS: readonly Preset[] = [...SDK_PRESETS, ...HTTP_PRESETS, ...REFERENCES];
