// What a verification found, and how it is told.

/** One object that is not as it should be. */
export interface Finding {
  /** What is wrong. */
  readonly kind: 'missing' | 'extra' | 'different' | 'secretValue';
  /** `kind namespace/name`, as far as known. */
  readonly object: string;
  /** For 'different' the JSON path; for 'secretValue' the key of `data`; else ''. */
  readonly detail: string;
}

/** The outcome of a verification. */
export interface Verdict {
  /** Objects of the cluster that were looked at. */
  readonly objects: number;
  /** Types that were looked at. */
  readonly types: number;
  /** Everything found. */
  readonly findings: readonly Finding[];
}

/** Offenders named for each kind of finding; the counts are always complete. */
const MAX_NAMED = 10;

const labels: Readonly<Record<Finding['kind'], string>> = {
  missing: 'missing',
  extra: 'extra',
  different: 'different',
  secretValue: 'secret values',
};

/** True when nothing was found. */
export function isClean(verdict: Verdict): boolean {
  return verdict.findings.length === 0;
}

/** Prints a verdict: four counts, one a line, then the first offenders by name. */
export function printVerdict(verdict: Verdict): string {
  const lines: string[] = [];
  for (const kind of findingKinds) {
    lines.push(`${labels[kind]} ${findingsOf(verdict, kind).length}`);
  }
  for (const kind of findingKinds) {
    const found = findingsOf(verdict, kind);
    for (const { object, detail } of found.slice(0, MAX_NAMED)) {
      lines.push(`  ${labels[kind]}: ${object}${detail === '' ? '' : ` at ${detail}`}`);
    }
    if (found.length > MAX_NAMED) {
      lines.push(`  ${labels[kind]}: and ${found.length - MAX_NAMED} more`);
    }
  }
  const outcome = isClean(verdict) ? 'the same' : 'NOT the same';
  lines.push(`compared ${verdict.objects} objects of ${verdict.types} types: ${outcome}`);
  return `${lines.join('\n')}\n`;
}

const findingKinds: readonly Finding['kind'][] = ['missing', 'extra', 'different', 'secretValue'];

function findingsOf(verdict: Verdict, kind: Finding['kind']): readonly Finding[] {
  return verdict.findings.filter((finding) => finding.kind === kind);
}
