import { describe, expect, it } from 'vitest';
import {
  duration,
  flag,
  number,
  resolveSettings,
  share,
  text,
  times,
} from '../../../../src/analysis/judging/verdict-setting.ts';

describe('what may be written of a verdict', () => {
  it.each([
    ['a number', number(1, ''), 0, 0],
    ['a fraction', number(1, ''), 2.5, 2.5],
    ['no number below 0', number(1, ''), -1, undefined],
    ['no number without end', number(1, ''), Infinity, undefined],
    ['no text for a number', number(1, ''), '3', undefined],
    ['a share', share(0, ''), 0.25, 0.25],
    ['a share in per cent', share(0, ''), '25%', 0.25],
    ['with a space, a fraction and more spaces', share(0, ''), ' 12.55 % ', 0.1255],
    ['all', share(0, ''), '100%', 1],
    ['1 is all', share(0, ''), 1, 1],
    ['no more than all', share(0, ''), 1.5, undefined],
    ['no more than all in per cent', share(0, ''), '101%', undefined],
    ['no share of a text', share(0, ''), 'half', undefined],
    ['no text that ends like a share', share(0, ''), 'about 10%', undefined],
    ['no text that begins like one', share(0, ''), '10% or so', undefined],
    ['no share below 0', share(0, ''), -0.1, undefined],
    ['no share of nothing', share(0, ''), null, undefined],
    ['a duration', duration(0, ''), '1.5s', 1_500_000],
    ['no time at all', duration(5, ''), 0, 0],
    ['no duration without a unit', duration(0, ''), 30, undefined],
    ['no duration of a text', duration(0, ''), 'soon', undefined],
    ['no duration of a list', duration(0, ''), ['1s'], undefined],
    ['a name', text(''), 'requests', 'requests'],
    ['no name of a number', text(''), 3, undefined],
    ['yes', flag(false, ''), true, true],
    ['no', flag(true, ''), false, false],
    ['no flag of a text', flag(false, ''), 'true', undefined],
    ['times', times(''), ['0s', '10m'], [0, 600_000_000]],
    ['one moment', times(''), '10m', [600_000_000]],
    ['the first moment', times(''), [0], [0]],
    ['no list of which one is none', times(''), ['0s', 'noon'], undefined],
  ])('%s', (_name, setting, written, value) => {
    expect(setting.parse(written)).toEqual(value);
  });

  it('what is not written, or cannot be read, is left at its default', () => {
    const settings = { warn: share(0.1, ''), calls: number(20, ''), patient: flag(true, ''), limit: text('') };
    expect(resolveSettings(settings, {})).toEqual({ warn: 0.1, calls: 20, patient: true, limit: '' });
    expect(resolveSettings(settings, { warn: 'half', calls: 0, patient: false, limit: undefined, more: 1 })).toEqual({
      warn: 0.1,
      calls: 0,
      patient: false,
      limit: '',
    });
  });
});
