/**
 * What is cut from an answer of an API server that somebody else is to read, so that it holds no secret
 * value: objects, lists, Tables, watch events and errors. All of it is strictly JSON and of a form that
 * is known here, or a `ScrubberError` `malformed` says that nothing of it may leave.
 */
import {
  elementsOf,
  isNull,
  malformedAnswer,
  membersOf,
  onlyThese,
  partOf,
  type Members,
} from './answer-text.ts';
import type { Edit } from './edits.ts';
import type { RuleNode } from './field-rules.ts';
import { MemberReader, decodeString, type Member, type Text } from './member-reader.ts';
import { RuleWalk } from './rule-walk.ts';
import { StatusEdits } from './status-edits.ts';

const nothing = Buffer.alloc(0);
const openBrace = 0x7b;

/** Members that a list or a Table may have beside its objects. */
const listMembers = new Set(['kind', 'apiVersion', 'metadata', 'items']);
const tableMembers = new Set(['kind', 'apiVersion', 'metadata', 'columnDefinitions', 'rows']);
const rowMembers = new Set(['cells', 'conditions', 'object']);
const eventMembers = new Set(['type', 'object']);
/** Of `metav1.ListMeta`. */
const listMetaMembers = new Set([
  ...['resourceVersion', 'continue', 'remainingItemCount', 'selfLink', 'shardInfo'],
]);
/** What kube-apiserver shows of a Secret (pkg/printers/internalversion/printers.go): no value. */
const secretColumns = new Set(['Name', 'Type', 'Data', 'Age']);

/** Whose answers they are. */
export interface AnswerSubject {
  /** `secrets`: every object is a Secret; `others`: `root` says what is cut from each. */
  readonly objects: 'secrets' | 'others';
  /** Kind of the resource type. */
  readonly kind: string;
  /** What is cut from each object. */
  readonly root: RuleNode;
}

/** Finds the edits of texts, one after another. */
export class AnswerEdits {
  readonly #subject: AnswerSubject;
  readonly #reader = new MemberReader();
  readonly #walk = new RuleWalk();
  readonly #statuses = new StatusEdits();
  /** The columns of the Table that this is were looked at. */
  #hasKnownColumns = false;

  constructor(subject: AnswerSubject) {
    this.#subject = subject;
  }

  /** Of a whole answer: an object, a list, a Table, or an error. */
  ofDocument(text: Text): readonly Edit[] {
    if (!this.#reader.isValue(text)) throw malformedAnswer('it is not JSON');
    const members = membersOf(this.#reader, text);
    const kind = this.#stringAt(text, members.get('kind'));
    if (kind === this.#subject.kind) return this.ofObject(text);
    if (kind === 'Status') return this.#statuses.of(text, members);
    const rows = members.get('rows');
    if (kind === 'Table' && rows !== undefined) return this.#ofTable(text, members);
    const items = members.get('items');
    if (!kind.endsWith('List') || items === undefined) return this.ofObject(text);
    this.#checkListMembers(text, members);
    return elementsOf(this.#reader, partOf(text, items)).flatMap((item) => this.ofObject(item));
  }

  /** Of one line of a watch. */
  ofEvent(text: Text): readonly Edit[] {
    if (!this.#reader.isValue(text)) throw malformedAnswer('an event is not JSON');
    const members = membersOf(this.#reader, text);
    onlyThese(members, eventMembers);
    const object = members.get('object');
    if (object === undefined) throw malformedAnswer('an event has no object');
    return this.ofDocument(partOf(text, object));
  }

  /** Of one object alone, whatever it says that it is. */
  ofObject(text: Text): readonly Edit[] {
    if (text.bytes[text.start] !== openBrace) throw malformedAnswer('an object is none');
    const found = this.#walk.cutsOf(text, this.#subject.root);
    if (found === undefined) throw malformedAnswer('an object is not JSON');
    return found.cuts.map((cut) => ({ ...cut, text: nothing }));
  }

  /** Of one row of a Table. */
  ofRow(text: Text): readonly Edit[] {
    if (!this.#reader.isValue(text)) throw malformedAnswer('a row is not JSON');
    if (!this.#hasKnownColumns) throw malformedAnswer('a row comes before its columns');
    const members = membersOf(this.#reader, text);
    onlyThese(members, rowMembers);
    const object = members.get('object');
    if (object === undefined || isNull(text, object)) return [];
    return this.ofObject(partOf(text, object));
  }

  /**
   * What stands around the objects of a list or a Table, with an empty array in their place: as far as
   * it has `begun`, or `whole`. Nothing but what is known, and about the list alone.
   */
  checkFrame(text: Text, extent: 'begun' | 'whole'): void {
    if (!this.#reader.isValue(text)) throw malformedAnswer('it is not JSON');
    const members = membersOf(this.#reader, text);
    const kind = this.#stringAt(text, members.get('kind'));
    if (members.has('rows') || kind === 'Table') {
      if (kind !== 'Table') throw malformedAnswer('rows are of no Table');
      this.#checkTableMembers(text, members);
      return;
    }
    // A list of custom resources tells its kind behind its items.
    const isList = kind.endsWith('List') && kind !== this.#subject.kind;
    if (!isList && (extent === 'whole' || kind !== '')) throw malformedAnswer('it is no list');
    this.#checkListMembers(text, members);
  }

  #checkListMembers(text: Text, members: Members): void {
    onlyThese(members, listMembers);
    this.#checkListMeta(text, members);
  }

  /** The columns of a Table must be such that no cell can hold a value. */
  #checkTableMembers(text: Text, members: Members): void {
    onlyThese(members, tableMembers);
    this.#checkListMeta(text, members);
    if (this.#subject.objects !== 'secrets') throw malformedAnswer('a Table was not asked for');
    const columns = members.get('columnDefinitions');
    if (columns === undefined || isNull(text, columns)) return;
    const definitions = elementsOf(this.#reader, partOf(text, columns));
    if (definitions.length === 0) return;
    for (const definition of definitions) {
      const name = this.#stringAt(definition, membersOf(this.#reader, definition).get('name'));
      if (!secretColumns.has(name)) throw malformedAnswer('a Table has an unknown column');
    }
    this.#hasKnownColumns = true;
  }

  #ofTable(text: Text, members: Members): readonly Edit[] {
    this.#checkTableMembers(text, members);
    const rows = members.get('rows');
    if (rows === undefined) return [];
    return elementsOf(this.#reader, partOf(text, rows)).flatMap((row) => this.ofRow(row));
  }

  #checkListMeta(text: Text, members: Members): void {
    const metadata = members.get('metadata');
    if (metadata === undefined || isNull(text, metadata)) return;
    onlyThese(membersOf(this.#reader, partOf(text, metadata)), listMetaMembers);
  }

  #stringAt(text: Text, member: Member | undefined): string {
    return member === undefined ? '' : (decodeString(text.bytes, member.start, member.end) ?? '');
  }
}
