// Findings as a person reads them, and as a program does.
import { type Finding, isSound } from './finding.ts';

/** A line for each finding, what to do below those that need it, and a count at the end. */
export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(0, ...findings.map((finding) => headOf(finding).length));
  const lines = findings.flatMap((finding) => {
    const { verdict, what, toDo } = finding;
    const line = `${verdict.padEnd(4)}  ${headOf(finding).padEnd(width)}  ${what}`;
    return toDo === '' ? [line] : [line, `${' '.repeat(width + 8)}-> ${toDo}`];
  });
  return `${[...lines, summary(findings)].join('\n')}\n`;
}

/** `{"sound", "program", "findings": [...]}`, a document of its own. */
export function jsonOfFindings(program: string, findings: readonly Finding[]): string {
  return `${JSON.stringify({ sound: isSound(findings), program, findings }, null, 2)}\n`;
}

const headOf = ({ subject, check }: Finding): string => `${subject}: ${check}`;

function summary(findings: readonly Finding[]): string {
  const count = (verdict: Finding['verdict']): number =>
    findings.filter((finding) => finding.verdict === verdict).length;
  const [ok, warn, fail] = [count('ok'), count('warn'), count('fail')];
  return `${findings.length} checks: ${ok} ok, ${warn} to look at, ${fail} failed`;
}
