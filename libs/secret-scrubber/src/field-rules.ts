/**
 * Works the paths of a feed out, once, into what decides about each object: which of the two ways
 * its cuts are found, and, for the general way, the tree of names that a walk follows.
 */
import { everyMember, parseFieldPath } from './field-path.ts';
import type { FieldPath } from './field-path.ts';

/** The annotation in which `kubectl apply` keeps a copy of all that it was given. */
export const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';

/** What is left out of every object unless said otherwise. */
export const defaultPrune: readonly string[] = Object.freeze(['.metadata.managedFields']);

/**
 * What becomes of a value, the weakest first. All but `kept` are removed: `pruned` is not counted,
 * `redacted` counts as a scrubbed value, `secret` is what the kernel has counted already.
 */
export type FieldFate = 'kept' | 'pruned' | 'redacted' | 'secret';

/** A place in the tree of all paths; a walk stands on several at once where `[*]` is among them. */
export interface RuleNode {
  readonly names: ReadonlyMap<string, RuleNode>;
  /** Where `[*]` leads. */
  readonly every: RuleNode | undefined;
  readonly fate: FieldFate;
  /** The members of this object are those of a Secret: `data` and `stringData` go, in any case. */
  readonly isSecretRoot: boolean;
}

/** How the cuts of one sort of object are found. */
export type CutPlan =
  /** Only the members that kernels know by themselves; of a Secret, all of those. */
  | { readonly kind: 'known'; readonly managedFields: 'cut' | 'kept' }
  /** A walk over the object after the scan. */
  | { readonly kind: 'walked'; readonly root: RuleNode };

/** The plans of a feed. */
export interface CutPlans {
  readonly ofSecrets: CutPlan;
  readonly ofOthers: CutPlan;
}

/** Paths as given in the options. */
export interface FieldRuleTexts {
  readonly redact: readonly string[];
  readonly prune: readonly string[];
}

interface GrowingNode extends RuleNode {
  readonly names: Map<string, GrowingNode>;
  every: GrowingNode | undefined;
  fate: FieldFate;
  isSecretRoot: boolean;
}

const managedFields: FieldPath = ['metadata', 'managedFields'];
const lastApplied: FieldPath = ['metadata', 'annotations', lastAppliedKey];

/** Makes the plans; paths that are wrong must have been refused before. */
export function planCuts({ redact, prune }: FieldRuleTexts): CutPlans {
  const redacted = redact.map(pathOf);
  const pruned = prune.map(pathOf);
  const isPlain = redacted.length === 0 && pruned.every(isManagedFields);
  if (isPlain) {
    return {
      ofSecrets: { kind: 'known', managedFields: 'cut' },
      ofOthers: { kind: 'known', managedFields: pruned.length > 0 ? 'cut' : 'kept' },
    };
  }
  return {
    ofSecrets: { kind: 'walked', root: secretTree(redacted, pruned) },
    ofOthers: { kind: 'walked', root: otherTree(redacted, pruned) },
  };
}

/**
 * What is cut from an object of an answer that passes on: values and their copies, and nothing that is
 * only not needed. Of a Secret also members that would make it a list, which nobody looks into.
 */
export function answerTree(objects: 'secrets' | 'others', redact: readonly string[]): RuleNode {
  const redacted = redact.map(pathOf);
  if (objects === 'others') return otherTree(redacted, []);
  return secretTree([...redacted, ['items'], ['rows']], []);
}

/** The kernel counts what it knows of a Secret; here the same is only removed. */
function secretTree(redacted: readonly FieldPath[], pruned: readonly FieldPath[]): RuleNode {
  const root = treeOf(redacted, [...pruned, managedFields]);
  root.isSecretRoot = true;
  plant(root, lastApplied).fate = 'secret';
  return root;
}

/**
 * Where something is redacted its copies go as well: the last-applied configuration, and
 * `managedFields`, whose keys hold the values of sets (`v:"value"`).
 */
function otherTree(redacted: readonly FieldPath[], pruned: readonly FieldPath[]): RuleNode {
  if (redacted.length === 0) return treeOf([], pruned);
  return treeOf([...redacted, lastApplied], [...pruned, managedFields]);
}

function treeOf(redacted: readonly FieldPath[], pruned: readonly FieldPath[]): GrowingNode {
  const root = emptyNode();
  for (const path of pruned) plant(root, path).fate = 'pruned';
  for (const path of redacted) plant(root, path).fate = 'redacted';
  return root;
}

function plant(root: GrowingNode, path: FieldPath): GrowingNode {
  let node = root;
  for (const step of path) {
    if (step === everyMember) {
      node = node.every ??= emptyNode();
    } else {
      const next = node.names.get(step) ?? emptyNode();
      node.names.set(step, next);
      node = next;
    }
  }
  return node;
}

function emptyNode(): GrowingNode {
  return { names: new Map(), every: undefined, fate: 'kept', isSecretRoot: false };
}

function pathOf(text: string): FieldPath {
  const parsed = parseFieldPath(text);
  if (parsed.kind === 'wrong') throw new TypeError(`unchecked field path: ${parsed.message}`);
  return parsed.path;
}

function isManagedFields(path: FieldPath): boolean {
  return path.length === 2 && path.every((step, index) => step === managedFields[index]);
}
