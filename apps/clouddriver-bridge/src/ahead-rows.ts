/**
 * Rows of one feed that were written before the feed came to speak of them: an answer to a write or a
 * read told sooner. Until the feed has got there, what it says of these rows is older than they are.
 * Kept with the feed's checkpoint, so that a bridge that goes on from it knows as well.
 */
import { isAfter } from './resource-order.ts';

/** What is known of a row. */
interface AheadRow {
  /** The row is what the object was, or its absence, at this resourceVersion. */
  readonly resourceVersion: string;
  /** Epoch milliseconds, by the bridge's clock. */
  readonly writtenAtMs: number;
}

/**
 * Rows of one feed: a live watch gets there within milliseconds. With their longest ids they take
 * 63 KB, which MySQL still keeps in a TEXT (64 KiB).
 */
const maxRows = 60;
/** Characters of an id; the longest that Kubernetes' names make are about 650. */
const maxIdChars = 1_000;
/**
 * A row that nobody has passed after so long is not looked after any more, in ms: the server may have
 * been restored from a backup, so that its resourceVersions begin anew.
 */
const lifeMs = 600_000;

/** The rows of one feed by id. */
export class AheadRows {
  readonly #rows: Map<string, AheadRow>;

  constructor(rows: Iterable<readonly [string, AheadRow]> = []) {
    this.#rows = new Map(rows);
  }

  /** As they stood in a checkpoint; of a text that is none, nothing. */
  static from(text: string): AheadRows {
    return new AheadRows(rowsIn(text));
  }

  /** Whether there are any. */
  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** As they stand in a checkpoint; `''` for none. */
  get text(): string {
    if (this.isEmpty) return '';
    const rows = [...this.#rows].map(([id, row]) => [id, row.resourceVersion, row.writtenAtMs]);
    return JSON.stringify(rows);
  }

  /** Whether there is room for a row, after those that have lived too long were forgotten. */
  hasRoomFor(id: string, nowMs: number): boolean {
    for (const [each, { writtenAtMs }] of this.#rows) {
      if (nowMs - writtenAtMs > lifeMs) this.#rows.delete(each);
    }
    return id.length <= maxIdChars && (this.#rows.has(id) || this.#rows.size < maxRows);
  }

  /** A row is written ahead. */
  add(id: string, row: AheadRow): void {
    this.#rows.set(id, row);
  }

  /** Whether a row is newer than a resourceVersion, as far as it is known here. */
  isPast(id: string, resourceVersion: string, nowMs: number): boolean {
    const row = this.#rows.get(id);
    if (row === undefined || nowMs - row.writtenAtMs > lifeMs) return false;
    return isAfter(row.resourceVersion, resourceVersion);
  }

  /** Whether a row is as old as this, or newer. */
  isAtOrPast(id: string, resourceVersion: string, nowMs: number): boolean {
    const isAt = this.#rows.get(id)?.resourceVersion === resourceVersion;
    return isAt || this.isPast(id, resourceVersion, nowMs);
  }

  /** The feed has got to a resourceVersion: rows up to there are the feed's own again. */
  reached(resourceVersion: string): void {
    for (const [id, row] of this.#rows) {
      if (!isAfter(row.resourceVersion, resourceVersion)) this.#rows.delete(id);
    }
  }
}

function rowsIn(text: string): (readonly [string, AheadRow])[] {
  if (text === '') return [];
  const rows: unknown = parse(text);
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown): (readonly [string, AheadRow])[] => {
    if (!Array.isArray(row)) return [];
    const [id, resourceVersion, writtenAtMs] = row as readonly unknown[];
    const isOne = typeof id === 'string' && typeof resourceVersion === 'string';
    return isOne && typeof writtenAtMs === 'number' ? [[id, { resourceVersion, writtenAtMs }]] : [];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody else's words: the feed brings what is newer.
    return undefined;
  }
}
