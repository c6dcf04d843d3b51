/** What came of the kubectl script: a table for people, and every difference in words. Pure. */
import { normalText } from './kubectl-normal.ts';
import { type Outcome, type Way } from './kubectl-run.ts';
import { type Step } from './kubectl-script.ts';

/** One step, both ways. */
export interface Comparison {
  readonly step: Step;
  readonly outcomes: readonly [Compared, Compared];
}

/** One step, one way. */
export interface Compared {
  readonly way: Way;
  readonly outcome: Outcome;
}

const fields = ['code', 'stdout', 'stderr', 'meanwhile'] as const;

/** What the two ways did not do alike, a paragraph for each field of a step; empty if all is well. */
export function differencesOf(comparison: Comparison): readonly string[] {
  const [first, second] = comparison.outcomes.map((compared) =>
    readable(compared, comparison.step),
  );
  return fields
    .filter((field) => first![field] !== second![field])
    .map((field) =>
      [
        `$ ${comparison.step.command}`,
        ...comparison.outcomes.map(
          ({ way }, index) =>
            `--- ${field}, ${way.name}:\n${(index === 0 ? first : second)![field]}`,
        ),
      ].join('\n'),
    );
}

/** What the first way did not do as the script says; empty if all is well. */
export function surprisesOf({ step, outcomes: [{ outcome }] }: Comparison): readonly string[] {
  const said = outcome.stdout + outcome.stderr;
  const expected = step.exit ?? 0;
  const surprises: string[] = [];
  if (outcome.code !== expected) {
    surprises.push(`exit code ${String(outcome.code)} instead of ${String(expected)}`);
  }
  if (step.says !== undefined && !step.says.test(said)) {
    surprises.push(`does not say ${String(step.says)}`);
  }
  return surprises.map((surprise) => `$ ${step.command}\n${surprise}:\n${said}`);
}

/** A table in Markdown: one line for each step. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const [first, second] = comparisons[0]?.outcomes ?? [];
  const rows = comparisons.map((comparison, index) => {
    const codes = comparison.outcomes.map(({ outcome }) => String(outcome.code));
    const same = differencesOf(comparison).length === 0 ? 'same' : '**different**';
    const command = comparison.step.command.replaceAll('|', '\\|');
    return `| ${[String(index + 1), `\`${command}\``, ...codes, same].join(' | ')} |`;
  });
  const head = [
    '',
    'command',
    first?.way.name ?? '',
    second?.way.name ?? '',
    'output and exit code',
  ];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows, ''].join('\n');
}

function readable(
  { way, outcome }: Compared,
  { lines }: Step,
): Readonly<Record<(typeof fields)[number], string>> {
  const ownWords = [
    way.server,
    way.folder,
    ...(way.namespace === undefined ? [] : [way.namespace]),
  ];
  const text = (said: string) => normalText(said, { ownWords, lines });
  return {
    code: String(outcome.code),
    stdout: text(outcome.stdout),
    stderr: text(outcome.stderr),
    meanwhile: text(outcome.meanwhile),
  };
}
