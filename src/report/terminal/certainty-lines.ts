import { isRepeatable } from '../../analysis/run/repeatable.ts';
import type { Comparison } from '../../comparison/compare.ts';
import { ALPHA } from '../../comparison/compare-figure.ts';
import { round } from '../format.ts';

/** Returns what limits the certainty of a comparison: chance, seeds, machines, and forced differences. */
export function certaintyNotes(comparison: Comparison): string[] {
  return [...basisNotes(comparison), ...seedNotes(comparison), ...machineNotes(comparison), ...forcedNotes(comparison)];
}

const RULE = `A change is real if chance alone would produce it less than once in ${Math.round(1 / ALPHA)} times.`;

function basisNotes({ basis, time, base, candidate, figures, paired }: Comparison): string[] {
  const [n, m] = [base.seeds.length, candidate.seeds.length];
  const repeatable = isRepeatable(time);
  if (basis === 'exact') return exactNotes({ time, figures, paired });
  if (basis === 'seeds') {
    const isSame = figures.every(({ certainty }) => certainty === 'same');
    return [...(isSame ? [] : [RULE]), ...(repeatable && paired.seeds > 0 ? [pairedNote(time, paired)] : [])];
  }
  if (repeatable && n === 1 && m === 1) {
    return [
      `Seeds ${base.seeds[0]} and ${candidate.seeds[0]} are different runs, so a difference may be chance. Only the allowance decides: compare the same seed, or use --seeds 5.`,
    ];
  }
  if (n === 1 && m === 1) {
    return [
      `One run per side in ${time} time says nothing about noise. Only the allowance decides: run both sides with --seeds 5.`,
    ];
  }
  return [
    `${n} against ${m} ${m === 1 ? 'seed' : 'seeds'} cannot tell a change from chance; 5 per side can (--seeds 5). Only the allowance decides.`,
    ...(repeatable && paired.seeds > 0 ? [pairedNote(time, paired)] : []),
  ];
}

function exactNotes({ time, figures, paired }: Pick<Comparison, 'time' | 'figures' | 'paired'>): string[] {
  const noise = `In ${time} time there is no noise`;
  if (paired.same === paired.seeds) return [`${noise}, and no figure differs.`];
  const counts = ['attempts', 'calls'].map((name) => {
    const { change } = figures.find((figure) => figure.name === name)!;
    if (!change) return `the same number of ${name}`;
    const count = Math.abs(change);
    const noun = count === 1 ? name.slice(0, -1) : name;
    return `${round(count)} ${noun} ${change > 0 ? 'more' : 'fewer'}`;
  });
  return [
    `${noise}: ${counts.join(', ')}. Each change above is real for this seed; run both sides with --seeds 5 to compare others.`,
  ];
}

function pairedNote(time: string, { seeds, same }: Comparison['paired']): string {
  const differ = seeds - same;
  const what = differ === 0 ? 'no figure differs' : `${differ} of ${seeds} differ`;
  return `In ${time} time a seed always gives the same run. Of the seeds on both sides, ${what}.`;
}

function seedNotes({ base, candidate }: Comparison): string[] {
  return [base, candidate].flatMap(({ seeds, of }, index) =>
    seeds.length === of
      ? []
      : [
          `Only seed ${seeds[0]} of the ${index === 0 ? 'base' : 'candidate'}'s ${of} is on both sides; only this seed is compared.`,
        ],
  );
}

function machineNotes({ time, base, candidate }: Comparison): string[] {
  const notes: string[] = [];
  if (!isRepeatable(time) && base.node !== candidate.node) {
    notes.push(
      `Different Node.js versions, perhaps different machines (${base.node ?? 'unknown'}, ${candidate.node ?? 'unknown'}): in ${time} time they may explain part of a change.`,
    );
  }
  if (base.tool !== candidate.tool) notes.push(`Written by ${base.tool} and ${candidate.tool}.`);
  return notes;
}

function forcedNotes({ differences, partial }: Comparison): string[] {
  return [
    ...differences.map(
      ({ path, base, candidate }) => `Not comparable, but forced: ${path} is ${base}, then ${candidate}.`,
    ),
    ...partial.map((text) => `Incomplete: ${text}.`),
  ];
}
