/**
 * Turns a kernel's notes into what leaves the room: the decision whether the object is a Secret,
 * what is cut from it, and the cut copy of its bytes. Beside the batches of the kernels, which take
 * only objects that hold nothing to hide, the one place where bytes of an object are copied out.
 */
import { copyEdited, movedPosition } from './edits.ts';
import type { Cut, Edit, EditedText } from './edits.ts';
import { lastAppliedKey } from './field-rules.ts';
import type { CutPlan } from './field-rules.ts';
import { place, placeCount, slot } from './kernel.ts';
import type { ScanKernel, ScanStatus } from './kernel.ts';
import { lastingBytes } from './lasting-bytes.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import type { WantedKeys } from './member-reader.ts';
import { RuleWalk } from './rule-walk.ts';
import { isSecret } from './scanner-options.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ScannedObject, UnscannableEvent, UnscannableReason } from './scanner.ts';
import { TakenObject } from './taken-object.ts';

const nothing = Buffer.alloc(0);
/** Longest name of a Kubernetes object (RFC 1123 subdomain); a longer one is not reported. */
const longestNameBytes = 253;
/** What a server calls an object of which only metadata was asked for. */
const metadataKind = 'PartialObjectMetadata';
const metadataGroup = 'meta.k8s.io/';

/** Slot of a string span. */
type IdentitySlot =
  | typeof slot.apiVersion
  | typeof slot.kind
  | typeof slot.name
  | typeof slot.namespace
  | typeof slot.uid
  | typeof slot.resourceVersion;

/** Slots of the members that a kernel knows, and that go from a Secret. */
const cutFromSecret = [slot.managedFields, slot.lastApplied, slot.data, slot.stringData] as const;
const cutFromOthers = [slot.managedFields] as const;

/** Identity that is read later, out of the copy. */
const laterStrings = [
  [slot.name, place.name],
  [slot.namespace, place.namespace],
  [slot.uid, place.uid],
  [slot.resourceVersion, place.resourceVersion],
] as const;

/** Type of an object, and whose it is. */
interface ReadType {
  readonly apiVersion: string;
  readonly kind: string;
  /** `feed`: to be written in place of what the object says, or of what it leaves out. */
  readonly written: 'own' | 'feed';
}

/** What goes, and how many of it were secret values. */
interface FoundCuts {
  readonly cuts: readonly Cut[];
  readonly scrubbedValues: number;
}

/** Takes objects out of the window of a kernel, right after its scan. */
export class ObjectTaker {
  readonly #kernel: ScanKernel;
  readonly #options: ResolvedScannerOptions;
  readonly #reader = new MemberReader();
  readonly #walk = new RuleWalk();
  readonly #feedType: ReadType;
  readonly #kind: Buffer;
  readonly #apiVersion: Buffer;

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions) {
    const { apiVersion, kind } = options;
    this.#kernel = kernel;
    this.#options = options;
    this.#feedType = { apiVersion, kind, written: 'feed' };
    this.#kind = lastingBytes(kind);
    this.#apiVersion = lastingBytes(apiVersion);
  }

  /**
   * The object that starts at `start`, or why it is held back. A Secret in a feed that is checked by
   * outline is scanned again, strictly.
   */
  take(start: number): ScannedObject | UnscannableReason {
    const type = this.#readType();
    if (type === undefined || this.#span(slot.name) === 0) return 'badIdentity';
    const { isSecretFeed, plans, checking } = this.#options;
    const hasSecrets = isSecretFeed || isSecret(type.apiVersion, type.kind);
    if (hasSecrets && checking === 'outline') {
      const status = this.#scanStrictly(start);
      if (status !== 'complete') return status === 'incomplete' ? 'malformed' : status;
    }
    const found = this.#find(start, hasSecrets ? plans.ofSecrets : plans.ofOthers, hasSecrets);
    if (found === undefined) return 'malformed';
    const text: EditedText = {
      bytes: this.#kernel.raw,
      start,
      end: this.#field(slot.end),
      edits: this.#edits(start, type, found.cuts),
    };
    const bytes = copyEdited(text);
    const rows = this.#row(text, bytes.length);
    rows[place.scrubbedValues] = found.scrubbedValues;
    const { apiVersion, kind } = type;
    const { readAnnotations } = this.#options;
    return new TakenObject({ apiVersion, kind, readAnnotations, bytes, rows }, 0);
  }

  /** The kind that the object itself names; `''` when it names none. */
  ownKind(): string {
    return this.#text(slot.kind) ?? '';
  }

  /** The object's resource version; `''` when absent. */
  resourceVersion(): string {
    return this.#text(slot.resourceVersion) ?? '';
  }

  /** The asked-for annotations of what lies in the window; never the last-applied copy. */
  annotations(wanted: WantedKeys): ReadonlyMap<string, string> {
    const start = this.#field(slot.annotations);
    const limit = this.#field(slot.annotations + 1);
    if (start < 0 || limit < 0 || wanted.keys.has(lastAppliedKey)) return new Map();
    return this.#reader.stringsOf({ bytes: this.#kernel.bytes, start, limit }, wanted);
  }

  /** Reports an object that is held back; `isScanned` when the fields are its own. */
  refuse(reason: UnscannableReason, isScanned: boolean): UnscannableEvent {
    const name = isScanned ? this.#reportable(slot.name) : undefined;
    const namespace = isScanned ? this.#reportable(slot.namespace) : undefined;
    return {
      kind: 'unscannable',
      reason,
      ...(name !== undefined && { name }),
      ...(namespace !== undefined && { namespace }),
    };
  }

  #reportable(id: IdentitySlot): string | undefined {
    const bytes = this.#span(id);
    return bytes > 0 && bytes <= longestNameBytes ? this.#text(id) : undefined;
  }

  /** Undefined for a type that is named with an empty string. */
  #readType(): ReadType | undefined {
    const kind = this.#typeText(slot.kind, this.#feedType.kind);
    const apiVersion = this.#typeText(slot.apiVersion, this.#feedType.apiVersion);
    if (kind === '' || apiVersion === '') return undefined;
    const isMetadata = kind === metadataKind && apiVersion?.startsWith(metadataGroup) === true;
    if (isMetadata && this.#options.form === 'metadata') return this.#feedType;
    if (kind === undefined && apiVersion === undefined) return this.#feedType;
    return {
      apiVersion: apiVersion ?? this.#feedType.apiVersion,
      kind: kind ?? this.#feedType.kind,
      written: 'own',
    };
  }

  /** The object ends where its outline did, or it is no JSON. */
  #scanStrictly(start: number): ScanStatus {
    const { raw } = this.#kernel;
    const end = this.#field(slot.end);
    const behind = raw[end] ?? 0;
    raw[end] = 0;
    const status = this.#kernel.scanObject(start, end, 'strict');
    raw[end] = behind;
    return status;
  }

  #find(start: number, plan: CutPlan, hasSecrets: boolean): FoundCuts | undefined {
    const isCopied = hasSecrets && this.#field(slot.lastApplied) >= 0;
    const known = hasSecrets ? this.#field(slot.values) + (isCopied ? 1 : 0) : 0;
    if (plan.kind === 'known') {
      const others = plan.managedFields === 'cut' ? cutFromOthers : [];
      return { cuts: this.#knownCuts(hasSecrets ? cutFromSecret : others), scrubbedValues: known };
    }
    const text = { bytes: this.#kernel.bytes, start, limit: this.#field(slot.end) };
    const found = this.#walk.cutsOf(text, plan.root);
    return found && { cuts: found.cuts, scrubbedValues: known + found.redactedValues };
  }

  #knownCuts(slots: readonly number[]): readonly Cut[] {
    const cuts: Cut[] = [];
    for (const id of slots) {
      const start = this.#field(id);
      if (start >= 0) cuts.push({ start, end: this.#field(id + 1) });
    }
    return cuts.sort((a, b) => a.start - b.start);
  }

  /** The cuts, and the members of the head that are missing or the server's own. */
  #edits(start: number, type: ReadType, cuts: readonly Cut[]): readonly Edit[] {
    const head: string[] = [];
    const edits: Edit[] = cuts.map((cut) => ({ ...cut, text: nothing }));
    for (const [id, key, text] of this.#headMembers()) {
      const at = this.#field(id);
      if (at < 0) head.push(`"${key}":"${text.toString()}",`);
      else if (type.written === 'feed') edits.push({ start: at, end: this.#field(id + 1), text });
    }
    if (head.length > 0) {
      edits.push({ start: start + 1, end: start + 1, text: Buffer.from(head.join('')) });
    }
    return edits.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #headMembers() {
    return [
      [slot.kind, 'kind', this.#kind],
      [slot.apiVersion, 'apiVersion', this.#apiVersion],
    ] as const;
  }

  #row(text: EditedText, length: number): Int32Array {
    const row = new Int32Array(placeCount).fill(-1);
    row[place.object] = 0;
    row[place.object + 1] = length;
    row[place.plain] = this.#field(slot.plain);
    for (const [from, to] of laterStrings) {
      const start = this.#field(from);
      if (start < 0) continue;
      row[to] = movedPosition(text, start);
      row[to + 1] = movedPosition(text, start) + this.#span(from);
    }
    const annotations = this.#field(slot.annotations);
    if (annotations < 0) return row;
    row[place.annotations] = movedPosition(text, annotations);
    row[place.annotations + 1] = movedPosition(text, this.#field(slot.annotations + 1) - 1) + 1;
    return row;
  }

  /** Bytes of a string; 0 when it is absent or empty. */
  #span(id: IdentitySlot): number {
    return this.#field(id + 1) - this.#field(id);
  }

  #text(id: IdentitySlot): string | undefined {
    const start = this.#field(id);
    const end = this.#field(id + 1);
    if (start < 0 || end < 0) return undefined;
    const isPlain = (this.#field(slot.plain) & (1 << id)) !== 0;
    if (isPlain) return this.#kernel.bytes.toString('latin1', start, end);
    return decodeString(this.#kernel.bytes, start - 1, end + 1);
  }

  /** As `#text`, without making a string of what nearly always is the feed's own. */
  #typeText(id: typeof slot.kind | typeof slot.apiVersion, expected: string): string | undefined {
    const start = this.#field(id);
    if (this.#field(id + 1) - start !== expected.length) return this.#text(id);
    for (let i = 0; i < expected.length; i++) {
      if (this.#kernel.raw[start + i] !== expected.charCodeAt(i)) return this.#text(id);
    }
    return expected;
  }

  #field(id: number): number {
    return this.#kernel.fields[id] ?? -1;
  }
}
