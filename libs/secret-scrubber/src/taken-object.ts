/**
 * A scanned object as it leaves: a stretch of bytes, and a row of numbers that says where in it its
 * identity stands. Strings are made when they are asked for, of bytes that are let through already.
 */
import { place, slot } from './kernel.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import type { WantedKeys } from './member-reader.ts';
import type { ObjectStretches, ScannedObject } from './scanner.ts';
import { ScrubberError } from './scrubber-error.ts';

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

/** The strings that {@link ObjectStretches} have: their bits among the plain ones, and places. */
const stretched = [
  [1 << slot.resourceVersion, place.resourceVersion],
  [1 << slot.namespace, place.namespace],
  [1 << slot.name, place.name],
  [1 << slot.uid, place.uid],
] as const;
const allStretched = stretched.reduce((bits, [bit]) => bits | bit, 0);
const noAnnotations: ReadonlyMap<string, string> = new Map();
const members = new MemberReader();

/** Identity as strings. */
type Identity = Pick<ScannedObject, 'namespace' | 'name' | 'uid'>;

/** See {@link ScannedObject}. It is its own {@link ObjectStretches}. */
export class TakenObject implements ScannedObject, ObjectStretches {
  readonly #table: ObjectTable;
  /** Index of the first number of the row. */
  readonly #row: number;
  #identity: Identity | undefined;
  #resourceVersion: string | undefined;
  #annotations: ReadonlyMap<string, string> | undefined;

  constructor(table: ObjectTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  get bytes(): Uint8Array {
    const { buffer, byteOffset } = this.#table.bytes;
    const start = this.#at(place.object);
    return new Uint8Array(buffer, byteOffset + start, this.#at(place.object + 1) - start);
  }

  get stretches(): ObjectStretches | undefined {
    const others = allStretched & ~this.#at(place.plain);
    if (others === 0) return this;
    const areAbsent = stretched.every(([bit, id]) => (others & bit) === 0 || this.#at(id) < 0);
    return areAbsent ? this : undefined;
  }

  get source(): Buffer {
    return this.#table.bytes;
  }

  get places(): Int32Array {
    return this.#table.rows;
  }

  get first(): number {
    return this.#row;
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
    return (this.#resourceVersion ??= this.#text(place.resourceVersion, slot.resourceVersion));
  }

  get annotations(): ReadonlyMap<string, string> {
    return (this.#annotations ??= this.#wanted());
  }

  get scrubbedValues(): number {
    return this.#at(place.scrubbedValues);
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
    const number = this.#table.rows[this.#row + index];
    if (number !== undefined) return number;
    throw new ScrubberError('released', 'an object is read after it was released');
  }
}
