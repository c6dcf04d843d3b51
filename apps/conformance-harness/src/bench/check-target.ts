/** Whether a figure is what it should be, by the words of its target. Pure. */
import { type Measure } from './bench-report.ts';

/** `none`: the measure has no target. */
export type TargetVerdict = 'pass' | 'below' | 'none';

const targetPattern = /^(ratio )?(>=|>|<=|<) (\d+(?:\.\d+)?)/;

/**
 * Compares a measure with its target: `>= 5000`, `< 130`, or of the ratio to its peer `ratio >= 10`.
 *
 * @throws Error for a target that cannot be understood: it would never be checked
 */
export function checkTarget({
  name,
  value,
  ratio,
  target,
}: Pick<Measure, 'name' | 'value' | 'ratio' | 'target'>): TargetVerdict {
  if (target === undefined) return 'none';
  const [, ofRatio, comparison, bound] = targetPattern.exec(target) ?? [];
  const figure = ofRatio === undefined ? value : ratio;
  if (comparison === undefined || figure === undefined) {
    throw new Error(`${name}: the target "${target}" cannot be checked`);
  }
  return compares(figure, comparison, Number(bound)) ? 'pass' : 'below';
}

function compares(figure: number, comparison: string, bound: number): boolean {
  switch (comparison) {
    case '>=':
      return figure >= bound;
    case '>':
      return figure > bound;
    case '<=':
      return figure <= bound;
    default:
      return figure < bound;
  }
}
