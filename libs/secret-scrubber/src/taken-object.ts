/**
 * A scanned object as it leaves: a stretch of bytes, and a row of numbers that says where in it its
 * identity stands. Strings are made when they are asked for, of bytes that are let through already.
 */
import { place, slot } from './kernel.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import type { WantedKeys } from './member-reader.ts';
import type { ScannedObject } from './scanner.ts';

/** Objects that were copied out together, and what they have in common. */
export interface ObjectTable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly readAnnotations: WantedKeys;
  /** The objects, one behind the other. */
  readonly bytes: Buffer;
  /** `placeCount` numbers per object, by `place`. */
  readonly rows: Int32Array;
}

const noAnnotations: ReadonlyMap<string, string> = new Map();
const members = new MemberReader();

/** Identity as strings. */
type Identity = Pick<ScannedObject, 'namespace' | 'name' | 'uid' | 'resourceVersion'>;

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
    if (readAnnotations.keys.size === 0 || start < 0) return noAnnotations;
    const limit = this.#at(place.annotations + 1);
    return members.stringsOf({ bytes, start, limit }, readAnnotations);
  }

  /** One by one: a slice of a longer string would keep all of it alive with a uid in somebody's map. */
  #read(): Identity {
    return {
      namespace: this.#text(place.namespace, slot.namespace),
      name: this.#text(place.name, slot.name),
      uid: this.#text(place.uid, slot.uid),
      resourceVersion: this.#text(place.resourceVersion, slot.resourceVersion),
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
