import { isRepeatable } from '../../analysis/run/repeatable.ts';
import type { Comparison } from '../../comparison/compare.ts';
import { ALPHA } from '../../comparison/compare-figure.ts';
import { round } from '../format.ts';

/** What a comparison rests on, in sentences: chance, seeds, machines, and what was compared although it differs. */
export function certaintyNotes(comparison: Comparison): string[] {
  return [...basisNotes(comparison), ...seedNotes(comparison), ...machineNotes(comparison), ...forcedNotes(comparison)];
}

const RULE = `A change is real where chance brings one like it less than once in ${Math.round(1 / ALPHA)} times.`;

function basisNotes({ basis, time, base, candidate, figures, paired }: Comparison): string[] {
  const [n, m] = [base.seeds.length, candidate.seeds.length];
  const jumps = isRepeatable(time);
  if (basis === 'exact') return exactNotes({ time, figures, paired });
  if (basis === 'seeds') {
    const isSame = figures.every(({ certainty }) => certainty === 'same');
    return [...(isSame ? [] : [RULE]), ...(jumps && paired.seeds > 0 ? [pairedNote(time, paired)] : [])];
  }
  if (jumps && n === 1 && m === 1) {
    return [
      `Seeds ${base.seeds[0]} and ${candidate.seeds[0]} are different runs: what differs may be their luck. The allowance alone decides; compare the same seed, or --seeds 5.`,
    ];
  }
  if (n === 1 && m === 1) {
    return [
      `One run a side in ${time} time says nothing about noise: the allowance alone decides. Run both with --seeds 5.`,
    ];
  }
  return [
    `${n} against ${m} ${m === 1 ? 'seed' : 'seeds'} cannot tell a change from chance; five a side can (--seeds 5). The allowance alone decides.`,
    ...(jumps && paired.seeds > 0 ? [pairedNote(time, paired)] : []),
  ];
}

function exactNotes({ time, figures, paired }: Pick<Comparison, 'time' | 'figures' | 'paired'>): string[] {
  const noise = `In ${time} time nothing is noise`;
  if (paired.same === paired.seeds) return [`${noise}, and no figure differs.`];
  const counts = ['attempts', 'calls'].map((name) => {
    const { change } = figures.find((figure) => figure.name === name)!;
    if (!change) return `the same number of ${name}`;
    const count = Math.abs(change);
    const noun = count === 1 ? name.slice(0, -1) : name;
    return `${round(count)} ${noun} ${change > 0 ? 'more' : 'fewer'}`;
  });
  return [
    `${noise}: ${counts.join(', ')}. Each change above is the client's own, for this seed; --seeds 5 on both sides tells how others fare.`,
  ];
}

function pairedNote(time: string, { seeds, same }: Comparison['paired']): string {
  const differ = seeds - same;
  const what = differ === 0 ? 'no figure of any differs' : `${differ} of ${seeds} differ`;
  return `In ${time} time a seed gives the same run each time: of those that both have, ${what}.`;
}

function seedNotes({ base, candidate }: Comparison): string[] {
  return [base, candidate].flatMap(({ seeds, of }, index) =>
    seeds.length === of
      ? []
      : [
          `Only seed ${seeds[0]} of the ${index === 0 ? 'base' : 'candidate'}'s ${of} is in both; it is compared with itself.`,
        ],
  );
}

function machineNotes({ time, base, candidate }: Comparison): string[] {
  const notes: string[] = [];
  if (!isRepeatable(time) && base.node !== candidate.node) {
    notes.push(
      `Different machines or at least different Nodes (${base.node ?? 'unknown'}, ${candidate.node ?? 'unknown'}): in ${time} time part of what changed may be theirs.`,
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
    ...partial.map((text) => `Not its whole way: ${text}.`),
  ];
}
