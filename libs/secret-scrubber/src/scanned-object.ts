/**
 * Turns a kernel's notes into what leaves the room: the decision whether the object is a Secret,
 * the cut copy of its bytes, and its identity as strings. The only place where bytes of an object
 * are copied out, so the only place to read when asking what can leak.
 */
import { slot } from './kernel.ts';
import type { ScanKernel } from './kernel.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import { isSecret } from './scanner-options.ts';
import type { ResolvedScannerOptions } from './scanner-options.ts';
import type { ScannedObject, UnscannableEvent, UnscannableReason } from './scanner.ts';

const lastAppliedKey = 'kubectl.kubernetes.io/last-applied-configuration';
const nothing = Buffer.alloc(0);
const openBrace = 0x7b;
const noAnnotations: ReadonlyMap<string, string> = new Map();
/** Longest name of a Kubernetes object (RFC 1123 subdomain); a longer one is not reported. */
const longestNameBytes = 253;

/** Slot of a string span. */
type IdentitySlot =
  | typeof slot.apiVersion
  | typeof slot.kind
  | typeof slot.name
  | typeof slot.namespace
  | typeof slot.uid
  | typeof slot.resourceVersion;

/** Slots of members that go, or that go from a Secret. */
const alwaysCut = [slot.managedFields] as const;
const cutFromSecret = [slot.managedFields, slot.lastApplied, slot.data, slot.stringData] as const;

/** A stretch of the window that does not leave. */
interface Cut {
  readonly start: number;
  readonly end: number;
}

/** Takes objects out of the window of a kernel, right after its scan. */
export class ObjectTaker {
  readonly #kernel: ScanKernel;
  readonly #options: ResolvedScannerOptions;
  readonly #reader = new MemberReader();
  readonly #kindSplice: Buffer;
  readonly #apiVersionSplice: Buffer;

  constructor(kernel: ScanKernel, options: ResolvedScannerOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#kindSplice = Buffer.from(`"kind":${JSON.stringify(options.kind)},`);
    this.#apiVersionSplice = Buffer.from(`"apiVersion":${JSON.stringify(options.apiVersion)},`);
  }

  /** The object that starts at `start`; undefined when it lacks the identity of an object. */
  take(start: number): ScannedObject | undefined {
    const ownKind = this.#typeText(slot.kind, this.#options.kind);
    const ownApiVersion = this.#typeText(slot.apiVersion, this.#options.apiVersion);
    const name = this.#text(slot.name);
    if (ownKind === '' || ownApiVersion === '' || name === undefined || name === '') {
      return undefined;
    }
    const kind = ownKind ?? this.#options.kind;
    const apiVersion = ownApiVersion ?? this.#options.apiVersion;
    const hasSecrets = this.#options.isSecretFeed || isSecret(apiVersion, kind);
    const identity = {
      apiVersion,
      kind,
      namespace: this.#text(slot.namespace) ?? '',
      name,
      uid: this.#text(slot.uid) ?? '',
      resourceVersion: this.#text(slot.resourceVersion) ?? '',
      annotations: this.annotations(
        this.#options.readAnnotations,
        hasSecrets ? 'hidden' : 'readable',
      ),
      scrubbedValues: hasSecrets ? this.#scrubbedValues() : 0,
    };
    return { bytes: this.#copy(start, hasSecrets ? cutFromSecret : alwaysCut), ...identity };
  }

  /** The kind that the object itself names; `''` when it names none. */
  ownKind(): string {
    return this.#text(slot.kind) ?? '';
  }

  /** The object's resource version; `''` when absent. */
  resourceVersion(): string {
    return this.#text(slot.resourceVersion) ?? '';
  }

  /** The asked-for annotations; the last-applied copy is read only when it is no Secret's. */
  annotations(
    keys: ReadonlySet<string>,
    lastApplied: 'hidden' | 'readable',
  ): ReadonlyMap<string, string> {
    const start = this.#field(slot.annotations);
    const limit = this.#field(slot.annotations + 1);
    if (keys.size === 0 || start < 0 || limit < 0) return noAnnotations;
    const found = new Map<string, string>();
    const bytes = this.#kernel.bytes;
    for (const member of this.#reader.membersOf({ bytes, start, limit })) {
      if (!keys.has(member.key) || (lastApplied === 'hidden' && member.key === lastAppliedKey))
        continue;
      const value = decodeString(bytes, member.start, member.end);
      if (value !== undefined) found.set(member.key, value);
    }
    return found;
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
    const bytes = this.#field(id + 1) - this.#field(id);
    return bytes > 0 && bytes <= longestNameBytes ? this.#text(id) : undefined;
  }

  /**
   * One copy of exact length. The cuts are closed inside the window first, by moving all that stands
   * before a cut over it; so the identity must have been read before.
   */
  #copy(start: number, cutSlots: readonly number[]): Uint8Array {
    const { raw } = this.#kernel;
    let from = start;
    for (const cut of this.#cuts(cutSlots)) {
      const moved = from + cut.end - cut.start;
      raw.copyWithin(moved, from, cut.start);
      from = moved;
    }
    return this.#withHead(raw.subarray(from, this.#field(slot.end)));
  }

  /** The first in the text is closed first. */
  #cuts(slots: readonly number[]): readonly Cut[] {
    const cuts: Cut[] = [];
    for (const id of slots) {
      const start = this.#field(id);
      if (start >= 0) cuts.push({ start, end: this.#field(id + 1) });
    }
    return cuts.length < 2 ? cuts : cuts.sort((a, b) => a.start - b.start);
  }

  /** Copies the object out, with the members of its head that it lacks. */
  #withHead(object: Uint8Array): Uint8Array {
    const lacksKind = this.#field(slot.kind) < 0;
    const lacksApiVersion = this.#field(slot.apiVersion) < 0;
    if (!lacksKind && !lacksApiVersion) {
      const whole = Buffer.allocUnsafe(object.length);
      whole.set(object, 0);
      return whole;
    }
    const kind = lacksKind ? this.#kindSplice : nothing;
    const apiVersion = lacksApiVersion ? this.#apiVersionSplice : nothing;
    const headBytes = 1 + kind.length + apiVersion.length;
    const copy = Buffer.allocUnsafe(headBytes + object.length - 1);
    copy[0] = openBrace;
    copy.set(kind, 1);
    copy.set(apiVersion, 1 + kind.length);
    copy.set(object.subarray(1), headBytes);
    return copy;
  }

  #scrubbedValues(): number {
    return this.#field(slot.values) + (this.#field(slot.lastApplied) < 0 ? 0 : 1);
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
