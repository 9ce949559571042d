import type { Verdict } from '../../analysis/judging/verdict.ts';
import type { Leniency } from '../../analysis/pass-rule.ts';
import { type Check, checksOf, type SeedThresholds } from '../checks.ts';
import type { PageData, PageEvidence, PageFinding } from './page-data.ts';

/** Returns verdicts and thresholds as findings whose evidence names its calls. */
export function runFindings(
  verdicts: readonly Verdict[],
  seeds: readonly SeedThresholds[],
  leniency: Leniency,
): PageFinding[] {
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  return checksOf(verdicts, seeds, leniency).map((check) => {
    const verdict = check.kind === 'verdict' ? byId.get(check.name) : undefined;
    const finding = checkFinding(check, verdict?.evidence);
    return verdict ? { ...finding, question: verdict.question, notes: chanceNotes(verdict) } : finding;
  });
}

/** Returns a check of any command as a finding. `evidence`: that of the check, with its calls. */
export function checkFinding(check: Check, evidence: Verdict['evidence'] = []): PageFinding {
  const { kind, name, outcome, failsRun, message, advice } = check;
  return {
    ...{ kind, name, outcome, failsRun, message, advice },
    evidence: check.evidence.map((text, index): PageEvidence => {
      const { call = null, attempt = null } = evidence[index] ?? {};
      return { text, ...(call !== null && { call }), ...(attempt !== null && { attempt }) };
    }),
    notes: [],
  };
}

/** Returns the outcome of findings in words, e.g. `amplifies-load and call_failed rate<0.01`. */
export function headlineOf(findings: readonly PageFinding[], partial: boolean): Pick<PageData, 'outcome' | 'headline'> {
  const failing = findings.filter(({ failsRun }) => failsRun).map(({ name }) => name);
  const warned = findings.filter(
    ({ failsRun, outcome }) => outcome === 'warned' || (!failsRun && outcome === 'failed'),
  );
  if (failing.length > 0) return { outcome: 'failed', headline: nameList(failing) };
  if (partial) return { outcome: 'incomplete', headline: 'nothing failed until then' };
  const headline = warned.length > 0 ? `with ${warned.length === 1 ? 'a warning' : `${warned.length} warnings`}` : '';
  return { outcome: 'passed', headline };
}

const NAMES_SHOWN = 3;

function nameList(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function chanceNotes({ wouldFail, secondSeed }: Verdict): string[] {
  if (secondSeed) {
    const outcome = secondSeed.agrees
      ? 'the same result, so this is not chance'
      : 'another result, so this may be chance';
    return [`Repeated with seed ${secondSeed.seed}: ${outcome}.`];
  }
  return wouldFail ? ['One run does not prove this: it fails if a second seed agrees (--seeds 2).'] : [];
}
