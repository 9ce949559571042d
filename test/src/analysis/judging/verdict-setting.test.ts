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

describe('setting values', () => {
  it.each([
    ['a number', number(1, ''), 0, 0],
    ['a fraction', number(1, ''), 2.5, 2.5],
    ['a negative number', number(1, ''), -1, undefined],
    ['infinity', number(1, ''), Infinity, undefined],
    ['a text instead of a number', number(1, ''), '3', undefined],
    ['a share', share(0, ''), 0.25, 0.25],
    ['a share as a percentage', share(0, ''), '25%', 0.25],
    ['a percentage with spaces and a fraction', share(0, ''), ' 12.55 % ', 0.1255],
    ['100 %', share(0, ''), '100%', 1],
    ['a share of 1', share(0, ''), 1, 1],
    ['a share above 1', share(0, ''), 1.5, undefined],
    ['a percentage above 100', share(0, ''), '101%', undefined],
    ['a text instead of a share', share(0, ''), 'half', undefined],
    ['text before a percentage', share(0, ''), 'about 10%', undefined],
    ['text after a percentage', share(0, ''), '10% or so', undefined],
    ['a negative share', share(0, ''), -0.1, undefined],
    ['null', share(0, ''), null, undefined],
    ['a duration', duration(0, ''), '1.5s', 1_500_000],
    ['zero duration', duration(5, ''), 0, 0],
    ['a duration without a unit', duration(0, ''), 30, undefined],
    ['a text instead of a duration', duration(0, ''), 'soon', undefined],
    ['a list instead of a duration', duration(0, ''), ['1s'], undefined],
    ['a name', text(''), 'requests', 'requests'],
    ['a number instead of a name', text(''), 3, undefined],
    ['true', flag(false, ''), true, true],
    ['false', flag(true, ''), false, false],
    ['a text instead of a flag', flag(false, ''), 'true', undefined],
    ['times', times(''), ['0s', '10m'], [0, 600_000_000]],
    ['one time', times(''), '10m', [600_000_000]],
    ['a number 0', times(''), [0], [0]],
    ['a list with an invalid time', times(''), ['0s', 'noon'], undefined],
  ])('%s', (_name, setting, written, value) => {
    expect(setting.parse(written)).toEqual(value);
  });

  it('missing and invalid values keep their default', () => {
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
