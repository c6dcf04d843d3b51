/**
 * A scanned object as it leaves: a stretch of bytes, and a row of numbers that says where in it its
 * identity stands. Strings are made when they are asked for, of bytes that are let through already.
 */
import { place, slot } from './kernel.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import type { ScannedObject } from './scanner.ts';

/** Objects that were copied out together, and what they have in common. */
export interface ObjectTable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly readAnnotations: ReadonlySet<string>;
  /** The objects, one behind the other. */
  readonly bytes: Buffer;
  /** `placeCount` numbers per object, by `place`. */
  readonly rows: Int32Array;
}

const noAnnotations: ReadonlyMap<string, string> = new Map();
const members = new MemberReader();

/** Identity as strings. */
type Identity = Pick<ScannedObject, 'namespace' | 'name' | 'uid' | 'resourceVersion'>;

/** Strings of one object that lie this close are decoded at once; a server writes them in a row. */
const togetherBytes = 1024;
const identityBits =
  (1 << slot.name) | (1 << slot.namespace) | (1 << slot.uid) | (1 << slot.resourceVersion);

/** See {@link ScannedObject}. */
export class TakenObject implements ScannedObject {
  readonly #table: ObjectTable;
  /** Index of the first number of the row. */
  readonly #row: number;
  #bytes: Uint8Array | undefined;
  #identity: Identity | undefined;
  #annotations: ReadonlyMap<string, string> | undefined;

  constructor(table: ObjectTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= this.#ownBytes());
  }

  get apiVersion(): string {
    return this.#table.apiVersion;
  }

  get kind(): string {
    return this.#table.kind;
  }

  get namespace(): string {
    return (this.#identity ??= this.#read()).namespace;
  }

  get name(): string {
    return (this.#identity ??= this.#read()).name;
  }

  get uid(): string {
    return (this.#identity ??= this.#read()).uid;
  }

  get resourceVersion(): string {
    return (this.#identity ??= this.#read()).resourceVersion;
  }

  get annotations(): ReadonlyMap<string, string> {
    return (this.#annotations ??= this.#wanted());
  }

  get scrubbedValues(): number {
    return this.#at(place.scrubbedValues);
  }

  #ownBytes(): Uint8Array {
    const { buffer, byteOffset } = this.#table.bytes;
    const start = this.#at(place.object);
    return new Uint8Array(buffer, byteOffset + start, this.#at(place.object + 1) - start);
  }

  #wanted(): ReadonlyMap<string, string> {
    const { bytes, readAnnotations } = this.#table;
    const start = this.#at(place.annotations);
    if (readAnnotations.size === 0 || start < 0) return noAnnotations;
    const limit = this.#at(place.annotations + 1);
    return members.stringsOf({ bytes, start, limit }, readAnnotations);
  }

  #read(): Identity {
    const ids = [place.namespace, place.name, place.uid, place.resourceVersion] as const;
    const starts = ids.map((id) => this.#at(id)).filter((start) => start >= 0);
    const from = Math.min(...starts);
    const to = Math.max(...ids.map((id) => this.#at(id + 1)));
    const arePlain = (this.#at(place.plain) & identityBits) === identityBits;
    const isTogether = arePlain && to - from <= togetherBytes;
    const text = isTogether ? this.#table.bytes.toString('latin1', from, to) : undefined;
    const read = (id: number, bit: number) =>
      text === undefined
        ? this.#text(id, bit)
        : text.slice(this.#at(id) - from, this.#at(id + 1) - from);
    return {
      namespace: read(place.namespace, slot.namespace),
      name: read(place.name, slot.name),
      uid: read(place.uid, slot.uid),
      resourceVersion: read(place.resourceVersion, slot.resourceVersion),
    };
  }

  #text(id: number, bit: number): string {
    const start = this.#at(id);
    if (start < 0) return '';
    const end = this.#at(id + 1);
    const isPlain = (this.#at(place.plain) & (1 << bit)) !== 0;
    if (isPlain) return this.#table.bytes.toString('latin1', start, end);
    return decodeString(this.#table.bytes, start - 1, end + 1) ?? '';
  }

  #at(index: number): number {
    return this.#table.rows[this.#row + index] ?? -1;
  }
}
