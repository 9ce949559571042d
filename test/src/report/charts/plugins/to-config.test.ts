import { describe, expect, it } from 'vitest';
import { chart, line } from '../../../../../src/report/charts/chart-spec.ts';
import { DARK, LIGHT, paint } from '../../../../../src/report/charts/palette.ts';
import { AXIS_FORMATS, formatElapsed, timeTicks } from '../../../../../src/report/charts/plugins/axis-formats.ts';
import { toConfig } from '../../../../../src/report/charts/plugins/to-config.ts';

const SPEC = chart({
  file: 'x.png',
  title: 'Half of all calls fail',
  x: { type: 'linear', format: 'elapsed', min: 0, max: 3600 },
  y: { type: 'linear', title: 'requests' },
  datasets: [line('admitted', [{ x: 0, y: 1 }], '@admitted', { backgroundColor: '@admitted 50%' })],
});

describe('colours', () => {
  it('are names in a spec, and those of the palette in a config', () => {
    const [light] = toConfig(SPEC, LIGHT).data.datasets;
    const [dark] = toConfig(SPEC, DARK).data.datasets;
    expect([light!.borderColor, light!.backgroundColor]).toEqual([LIGHT.admitted, `${LIGHT.admitted}80`]);
    expect([dark!.borderColor, dark!.backgroundColor]).toEqual([DARK.admitted, `${DARK.admitted}80`]);
    expect(JSON.stringify(SPEC)).toContain('@admitted 50%');
  });

  it('no name is left in a config, and a text that looks like one stays', () => {
    expect(JSON.stringify(toConfig(SPEC, DARK))).not.toMatch(/"@\w+/);
    expect(paint({ label: '@limit', borderColor: ['@limit', 'red'] }, LIGHT)).toEqual({
      label: '@limit',
      borderColor: [LIGHT.limit, 'red'],
    });
  });

  it('both palettes have colours that can be mixed', () => {
    expect(Object.keys(DARK)).toEqual(Object.keys(LIGHT));
    for (const one of [...Object.values(LIGHT), ...Object.values(DARK)]) expect(one).toMatch(/^#[0-9A-F]{6}$/i);
  });
});

describe('time since start', () => {
  it.each([
    [22, [0, 5, 10, 15, 20]],
    [63, [0, 10, 20, 30, 40, 50, 60]],
    [302, [0, 60, 120, 180, 240, 300]],
    [3603, [0, 600, 1200, 1800, 2400, 3000, 3600]],
    [0.5, [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
    [7 * 86_400, [0, 86_400, 172_800, 259_200, 345_600, 432_000, 518_400, 604_800]],
  ])('%d s: at most nine round steps, and no tick at an end that is not round', (endS, ticks) => {
    expect(timeTicks(0, endS, 9)).toEqual(ticks);
  });

  it.each([
    [0, 60, '0'],
    [30, 60, '30 s'],
    [90, 300, '1:30 min'],
    [600, 3603, '10 min'],
    [5400, 40_000, '1:30 h'],
    [172_800, 604_800, '2 d'],
  ])('%d s on an axis of %d s: %s', (seconds, endS, text) => {
    expect(formatElapsed(seconds, endS)).toBe(text);
  });

  it('ticks of a zoomed axis begin inside it', () => {
    expect(timeTicks(61, 119, 9)).toEqual([70, 80, 90, 100, 110]);
  });
});

it('a logarithmic axis of durations has ticks that people count in', () => {
  const { ticks, show } = AXIS_FORMATS.duration!;
  const texts = (low: number, high: number) => ticks(low, high, 'logarithmic')!.map((value) => show(value, high));
  expect(texts(0.4, 40)).toEqual(['500 ms', '1 s', '2 s', '5 s', '10 s', '30 s']);
  expect(texts(0.001, 40_000)).toEqual(['1 ms', '10 ms', '100 ms', '1 s', '10 s', '1 min', '10 min', '1 h', '10 h']);
});
