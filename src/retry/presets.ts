import { HTTP_PRESETS } from './http-presets.ts';
import { BARE, modelOf, type Preset, preset } from './preset.ts';
import { SDK_PRESETS } from './sdk-presets.ts';

const S = 1_000_000;

/** Policies of the textbook, to compare with (`backoff.md` 1.2). */
const REFERENCES: readonly Preset[] = [
  reference('one attempt, no retries', BARE),
  reference('a second between attempts, without end', modelOf('fixed', { max: null, baseUs: S, factor: 1 })),
  reference(
    'exponential backoff with full jitter, 0.5 to 8 s, 10 retries',
    modelOf('full-jitter', { max: 10, capUs: 8 * S, jitter: { kind: 'full' } }),
  ),
  reference(
    'decorrelated jitter, 0.5 to 8 s, 10 retries',
    modelOf('decorrelated', { max: 10, capUs: 8 * S, jitter: { kind: 'decorrelated' } }),
  ),
  reference(
    'Retry-After as a floor and full jitter of 1 to 20 s on top, 10 retries',
    modelOf('floor-and-jitter', {
      max: 10,
      baseUs: S,
      capUs: 20 * S,
      jitter: { kind: 'full' },
      retryAfter: { reads: 'milliseconds', as: 'floor' },
    }),
  ),
];

function reference(about: string, model: Preset['model']): Preset {
  return preset({ about, source: 'backoff.md 1.2', version: '1' }, model);
}

/** Every client that is known by name. */
export const PRESETS: readonly Preset[] = [...SDK_PRESETS, ...HTTP_PRESETS, ...REFERENCES];
