/**
 * A scanned object as it leaves: a stretch of bytes, and a row of numbers that says where in it its
 * identity stands. Strings are made when they are asked for, of bytes that are let through already.
 */
import { slot } from './kernel.ts';
import { MemberReader, decodeString } from './member-reader.ts';
import type { ScannedObject } from './scanner.ts';

/**
 * Numbers of a row. A span is two of them, start and end, -1 while absent; all positions are those
 * of the bytes that the row belongs to. Spans of strings exclude the quotes.
 */
export const place = {
  object: 0,
  /** As `slot.plain`, by the same bits. */
  plain: 2,
  name: 4,
  namespace: 6,
  uid: 8,
  resourceVersion: 10,
  annotations: 12,
} as const;

/** Numbers per row; a power of two. */
export const placeCount = 16;

/** What all or most objects of a feed share. */
export interface TakenType {
  readonly apiVersion: string;
  readonly kind: string;
  readonly readAnnotations: ReadonlySet<string>;
}

/** Where an object lies. */
export interface TakenPlace {
  readonly bytes: Buffer;
  readonly rows: Int32Array;
  /** Index of the first number of the row. */
  readonly row: number;
}

const noAnnotations: ReadonlyMap<string, string> = new Map();
const members = new MemberReader();

/** See {@link ScannedObject}. */
export class TakenObject implements ScannedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly scrubbedValues: number;
  readonly #readAnnotations: ReadonlySet<string>;
  readonly #all: Buffer;
  readonly #rows: Int32Array;
  readonly #row: number;
  #bytes: Uint8Array | undefined;
  #namespace: string | undefined;
  #name: string | undefined;
  #uid: string | undefined;
  #resourceVersion: string | undefined;
  #annotations: ReadonlyMap<string, string> | undefined;

  constructor(type: TakenType, { bytes, rows, row }: TakenPlace, scrubbedValues: number) {
    this.apiVersion = type.apiVersion;
    this.kind = type.kind;
    this.scrubbedValues = scrubbedValues;
    this.#readAnnotations = type.readAnnotations;
    this.#all = bytes;
    this.#rows = rows;
    this.#row = row;
  }

  get bytes(): Uint8Array {
    return (this.#bytes ??= this.#all.subarray(this.#at(place.object), this.#at(place.object + 1)));
  }

  get namespace(): string {
    return (this.#namespace ??= this.#text(place.namespace, slot.namespace));
  }

  get name(): string {
    return (this.#name ??= this.#text(place.name, slot.name));
  }

  get uid(): string {
    return (this.#uid ??= this.#text(place.uid, slot.uid));
  }

  get resourceVersion(): string {
    return (this.#resourceVersion ??= this.#text(place.resourceVersion, slot.resourceVersion));
  }

  get annotations(): ReadonlyMap<string, string> {
    return (this.#annotations ??= this.#readThem());
  }

  #readThem(): ReadonlyMap<string, string> {
    const start = this.#at(place.annotations);
    if (this.#readAnnotations.size === 0 || start < 0) return noAnnotations;
    const limit = this.#at(place.annotations + 1);
    const text = { bytes: this.#all, start, limit };
    return members.stringsOf(text, this.#readAnnotations);
  }

  #text(id: number, bit: number): string {
    const start = this.#at(id);
    if (start < 0) return '';
    const end = this.#at(id + 1);
    const isPlain = (this.#at(place.plain) & (1 << bit)) !== 0;
    if (isPlain) return this.#all.toString('latin1', start, end);
    return decodeString(this.#all, start - 1, end + 1) ?? '';
  }

  #at(index: number): number {
    return this.#rows[this.#row + index] ?? -1;
  }
}
