/**
 * Finds what the rules of a feed cut out of an object: a strict walk beside the kernel's, along the
 * paths alone, for feeds that have such rules. All cuts of such an object are found here, also those
 * that the kernel knows, since who removes a comma depends on what else goes beside it.
 */
import type { Cut } from './edits.ts';
import type { FieldFate, RuleNode } from './field-rules.ts';
import { JsonWalker } from './json-walker.ts';
import { decodeString } from './member-reader.ts';
import type { Text } from './member-reader.ts';

const openBrace = 0x7b;
const openBracket = 0x5b;
const comma = 0x2c;
/** Letters are compared without case, as Go's decoder would read them; of ASCII only. */
const secretMember = /^(?:data|stringdata)$/i;

/** What goes, in the order of the text; cuts neither overlap nor touch. */
export interface RuleCuts {
  readonly cuts: readonly Cut[];
  /** Members and elements that were redacted; what is inside one of them is not counted again. */
  readonly redactedValues: number;
}

/** Walks one object after another. */
export class RuleWalk {
  readonly #walker = new JsonWalker();
  #cuts: { start: number; end: number }[] = [];
  #redactedValues = 0;

  /** The cuts in the object that the text is; undefined when it is not strictly JSON. */
  cutsOf({ bytes, start, limit }: Text, root: RuleNode): RuleCuts | undefined {
    this.#walker.bytes = bytes;
    this.#walker.limit = limit;
    this.#cuts = [];
    this.#redactedValues = 0;
    if (this.#valueEnd(start, [root]) !== limit) return undefined;
    const cuts = this.#cuts;
    this.#cuts = [];
    return { cuts, redactedValues: this.#redactedValues };
  }

  /** Recursion ends with the longest path: no node, no frame. */
  #valueEnd(p: number, nodes: readonly RuleNode[]): number {
    const first = this.#walker.at(p);
    const isParent = first === openBrace || first === openBracket;
    return isParent && nodes.length > 0 ? this.#membersEnd(p, nodes) : this.#walker.skipValue(p);
  }

  /**
   * `mark` is the end of the member before, kept or cut: a cut starts there, so it takes the comma in
   * front along. With nothing kept before it there is no such comma, and the one behind goes instead.
   */
  #membersEnd(start: number, nodes: readonly RuleNode[]): number {
    const walker = this.#walker;
    const close = walker.at(start) + 2;
    let mark = start + 1;
    let hasKept = false;
    let p = walker.space(mark);
    if (walker.at(p) === close) return p + 1;
    for (;;) {
      const key = close === openBrace + 2 ? p : -1;
      if (key >= 0) p = this.#valueStart(key);
      if (p < 0) return p;
      const next = this.#next(nodes, key);
      const fate = fateOf(next);
      p = fate === 'kept' ? this.#valueEnd(p, next) : walker.skipValue(p);
      if (p < 0) return p;
      if (fate === 'kept') hasKept = true;
      else this.#cut(mark, p);
      if (fate === 'redacted') this.#redactedValues++;
      mark = p;
      p = walker.space(p);
      const c = walker.at(p);
      if (c === close) return p + 1;
      if (c !== comma) return -1;
      p++;
      if (!hasKept) {
        this.#cut(mark, p);
        mark = p;
      }
      p = walker.space(p);
    }
  }

  #valueStart(key: number): number {
    const keyEnd = this.#walker.keyEnd(key);
    return keyEnd < 0 ? keyEnd : this.#walker.valueStart(keyEnd);
  }

  /** Where the member with the key at `key` leads; an element of an array has none: -1. */
  #next(nodes: readonly RuleNode[], key: number): readonly RuleNode[] {
    const next: RuleNode[] = [];
    let name: string | undefined;
    for (const node of nodes) {
      if (key >= 0 && (node.names.size > 0 || node.isSecretRoot)) {
        name ??= this.#keyText(key);
        const named = node.names.get(name);
        if (named !== undefined) next.push(named);
        if (node.isSecretRoot && secretMember.test(name)) next.push(secretValues);
      }
      if (node.every !== undefined) next.push(node.every);
    }
    return next;
  }

  #keyText(key: number): string {
    return decodeString(this.#walker.bytes, key, this.#walker.keyEnd(key)) ?? '';
  }

  #cut(start: number, end: number): void {
    const last = this.#cuts.at(-1);
    if (last?.end === start) last.end = end;
    else this.#cuts.push({ start, end });
  }
}

/** Where `data` and `stringData` of a Secret lead. */
const secretValues: RuleNode = {
  names: new Map(),
  every: undefined,
  fate: 'secret',
  isSecretRoot: false,
};

const strength: Readonly<Record<FieldFate, number>> = {
  kept: 0,
  pruned: 1,
  redacted: 2,
  secret: 3,
};

/** The strongest of several. */
function fateOf(nodes: readonly RuleNode[]): FieldFate {
  return nodes.reduce<FieldFate>(
    (strongest, { fate }) => (strength[fate] > strength[strongest] ? fate : strongest),
    'kept',
  );
}
