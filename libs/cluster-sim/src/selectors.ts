// Label and field selectors of lists, watches and collection deletes.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
import { StatusError } from './status-error.ts';

/** Label keys to values. */
export type Labels = Readonly<Record<string, string>>;

/** One condition on labels; an object is selected when it meets all of them. */
export type LabelRequirement =
  | { readonly kind: 'in' | 'notIn'; readonly key: string; readonly values: ReadonlySet<string> }
  | { readonly kind: 'exists' | 'notExists'; readonly key: string };

/** One condition on a field; `path` as in `involvedObject.name`. */
export interface FieldRequirement {
  /** Dotted path of the field. */
  readonly path: string;
  /** The value it must have, or must not have. */
  readonly value: string;
  /** True when the value must differ. */
  readonly isNegated: boolean;
}

const SET_FORM = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY_FORM = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const EXISTENCE_FORM = /^(!?)\s*([^\s!=,()]+)$/;

/**
 * Reads a label selector.
 *
 * @throws StatusError BadRequest when it cannot be read
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  return splitOutsideParentheses(text).map((part) => {
    const set = SET_FORM.exec(part);
    if (set) {
      const values = new Set((set[3] ?? '').split(',').map((value) => value.trim()));
      return { kind: set[2] === 'in' ? 'in' : 'notIn', key: set[1] ?? '', values };
    }
    const equality = EQUALITY_FORM.exec(part);
    if (equality) {
      const kind = equality[2] === '!=' ? 'notIn' : 'in';
      return { kind, key: equality[1] ?? '', values: new Set([equality[3] ?? '']) };
    }
    const existence = EXISTENCE_FORM.exec(part);
    if (existence) {
      return { kind: existence[1] === '!' ? 'notExists' : 'exists', key: existence[2] ?? '' };
    }
    throw new StatusError('BadRequest', `unable to parse requirement: found '${part}'`);
  });
}

/** True when `labels` meet every requirement. */
export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Labels | undefined,
): boolean {
  return requirements.every((requirement) => {
    const value = labels?.[requirement.key];
    switch (requirement.kind) {
      case 'in':
        return value !== undefined && requirement.values.has(value);
      case 'notIn':
        return value === undefined || !requirement.values.has(value);
      case 'exists':
        return value !== undefined;
      case 'notExists':
        return value === undefined;
    }
  });
}

/**
 * Reads a field selector.
 *
 * @throws StatusError BadRequest when it cannot be read
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const parts = text.split(',').filter((part) => part !== '');
  return parts.map((part) => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
    if (!match) {
      throw new StatusError(
        'BadRequest',
        `invalid selector: '${part}'; can't understand '${part}'`,
      );
    }
    return { path: match[1] ?? '', value: match[3] ?? '', isNegated: match[2] === '!=' };
  });
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const char = text[index];
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (index === text.length || (char === ',' && depth === 0)) {
      const part = text.slice(start, index).trim();
      if (part !== '') parts.push(part);
      start = index + 1;
    }
  }
  return parts;
}
