/**
 * `operations` of an account: what the agent does for the gateway, whatever the bridge asks. The last
 * word of the team whose cluster it is.
 */
import { z } from 'zod';

const words = z.array(z.string().min(1)).min(1);
/** The core group is ''. */
const groups = z.array(z.string()).min(1);

/** Strict: with a key that is misspelt a rule would allow more than was meant. */
const resourceRule = z.strictObject({
  verbs: words,
  groups,
  resources: words,
  namespaces: words.default(['*']),
  names: words.optional(),
});

const addressRule = z.strictObject({ verbs: words, nonResourceURLs: words });

const allow = z.union(
  [z.enum(['all', 'read-only', 'none']), z.array(z.union([resourceRule, addressRule])).min(1)],
  {
    error:
      'must be all, read-only, none, or a list of rules with verbs, groups and resources ' +
      '(and namespaces, names), or with verbs and nonResourceURLs',
  },
);

const secrets = z.union(
  [
    z.enum(['scrub', 'pass']),
    z.array(z.strictObject({ namespaces: words, names: words.optional() })).min(1),
  ],
  { error: 'must be scrub, pass, or a list of namespaces (and names) whose Secrets pass' },
);

/** Schema of `operations`. */
export const operationsSchema = z.object({
  allow: allow.default('all'),
  secrets: secrets.default('scrub'),
});

/** What the agent does for the gateway. */
export type OperationsConfig = z.output<typeof operationsSchema>;

/** As in RBAC: what may be done with which objects; `*` stands for all. */
export type ResourceRule = z.output<typeof resourceRule>;

/** As in RBAC: which addresses that are no objects may be asked; `*` at the end stands for the rest. */
export type AddressRule = z.output<typeof addressRule>;
