/**
 * Kubernetes label selectors in their text form
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
 */

/** Whether an object's labels satisfy the selector. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const setBased = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equality = /^([^=!<>\s]+)\s*(==|=|!=)\s*([^=!<>\s]*)$/;
const comparison = /^([^=!<>\s]+)\s*([<>])\s*([+-]?\d+)$/;
const existence = /^(!?)\s*([^=!<>\s]+)$/;

/** Reads a selector; `undefined` when it is not one. The empty selector matches everything. */
export function parseLabelSelector(selector: string): LabelMatcher | undefined {
  const matchers: LabelMatcher[] = [];
  for (const requirement of requirementsOf(selector)) {
    const matcher = requirementMatcher(requirement.trim());
    if (matcher === undefined) return undefined;
    matchers.push(matcher);
  }
  return (labels) => matchers.every((matches) => matches(labels));
}

/** Commas separate requirements, except between parentheses. */
function requirementsOf(selector: string): readonly string[] {
  return selector.trim() === '' ? [] : selector.split(/,(?![^(]*\))/);
}

function requirementMatcher(requirement: string): LabelMatcher | undefined {
  return (
    setMatcher(requirement) ??
    equalityMatcher(requirement) ??
    comparisonMatcher(requirement) ??
    existenceMatcher(requirement)
  );
}

/** Of whole numbers; a label that is none is neither more nor less (apimachinery's `labels`). */
function comparisonMatcher(requirement: string): LabelMatcher | undefined {
  const [, key, operator, bound] = comparison.exec(requirement) ?? [];
  if (key === undefined || bound === undefined) return undefined;
  const limit = BigInt(bound.replace('+', ''));
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? (labels[key] ?? '') : '';
    if (!/^[+-]?\d+$/.test(value)) return false;
    const number = BigInt(value.replace('+', ''));
    return operator === '>' ? number > limit : number < limit;
  };
}

function setMatcher(requirement: string): LabelMatcher | undefined {
  const [, key, operator, list] = setBased.exec(requirement) ?? [];
  if (key === undefined || list === undefined) return undefined;
  const values = new Set(list.split(',').map((value) => value.trim()));
  return (labels) => {
    const value = labels[key];
    const isListed = value !== undefined && values.has(value);
    return operator === 'in' ? isListed : !isListed;
  };
}

/** An absent label is unequal to every value. */
function equalityMatcher(requirement: string): LabelMatcher | undefined {
  const [, key, operator, wanted] = equality.exec(requirement) ?? [];
  if (key === undefined) return undefined;
  return (labels) => (labels[key] === wanted) === (operator !== '!=');
}

function existenceMatcher(requirement: string): LabelMatcher | undefined {
  const [, not, key] = existence.exec(requirement) ?? [];
  if (key === undefined) return undefined;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}
