/**
 * Rules that span several keys. zod's own `superRefine` is left out as soon as any value below has
 * the wrong type, so that a person would find the other problems one start later; a rule made here
 * is asked all the same, and therefore sees values that nobody has checked.
 */
import type { core, output, ZodType } from 'zod';

/** A value whose keys may be missing or hold anything: neither lists nor leaves are certain. */
export type Unchecked<T> = T extends undefined
  ? undefined
  : T extends readonly unknown[]
    ? unknown
    : T extends object
      ? { readonly [Key in keyof T]?: Unchecked<T[Key]> | undefined }
      : unknown;

/** What a rule is given: of the value itself, and only of that, it is certain what it is. */
export type CrossCheckedValue<T> = T extends readonly (infer Item)[]
  ? readonly (Unchecked<Item> | undefined)[]
  : Unchecked<T>;

/** What a rule found. */
export interface CrossProblem {
  /** From the value that is checked down to what is wrong; empty: the value itself. */
  readonly path: readonly (string | number)[];
  /** What is wrong, without any value: values may be secret. */
  readonly message: string;
}

/**
 * `schema` with a rule over several of its keys. The rule is asked whenever the value is a map (or
 * a list, for a schema of a list), with defaults filled in, whatever is wrong below; it should be
 * silent where what it needs has the wrong type, which is told already.
 */
export function crossCheck<Schema extends ZodType>(
  schema: Schema,
  rule: (value: CrossCheckedValue<output<Schema>>) => readonly CrossProblem[],
): Schema {
  return schema.superRefine((value, context) => {
    for (const { path, message } of rule(value as CrossCheckedValue<output<Schema>>)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  }, whenItselfRight);
}

/** zod's `when` replaces its own condition. Paths of issues start at the value that is checked. */
const whenItselfRight = {
  when: ({ value, issues }: core.ParsePayload): boolean => {
    const isWrong = issues.some(({ code, path }) => code !== 'custom' && !path?.length);
    return typeof value === 'object' && value !== null && !isWrong;
  },
};
