/**
 * Takes the secret values out of an answer while it passes: bytes in, bytes out, for whoever is to read
 * the answer of an API server in place of the one who may see them all. Unlike the scanners it keeps
 * the answer whole, with all that stands around the objects. Start at {@link createAnswerFilter}.
 */
import { AnswerEdits } from './answer-edits.ts';
import { DocumentReader, EventReader } from './answer-readers.ts';
import { AnswerListReader } from './answer-list-reader.ts';
import { checkFieldPath } from './field-path.ts';
import { answerTree } from './field-rules.ts';
import { ScrubberError } from './scrubber-error.ts';

/** What must be known of an answer. */
export interface AnswerFilterOptions {
  /** `secrets`: every object is a core Secret, whatever it says. */
  readonly objects: 'secrets' | 'others';
  /** Kind of the resource type that was asked for. */
  readonly kind: string;
  /**
   * `list`: an answer to a list, whose items pass one by one; an error or a single object may come in
   * its place. `events`: a watch. `document`: anything else, held until it is whole.
   */
  readonly shape: 'document' | 'list' | 'events';
  /** Paths of values that must not leave, as those of a scanner. @defaultValue none */
  readonly redact?: readonly string[];
  /** Largest object in bytes; what is larger does not leave. @defaultValue 16 MiB */
  readonly maxObjectBytes?: number;
}

/** One answer on its way; not to be used again after `end`, `dispose`, or a fault. */
export interface AnswerFilter {
  /**
   * Takes the next bytes, which are overwritten with zeros, and hands out what of the answer may pass.
   * @throws ScrubberError when it is not such an answer: what was not handed out yet must not leave,
   * and nobody may take what was for the whole.
   */
  push(chunk: Uint8Array): Uint8Array;
  /** The answer is over. @throws ScrubberError also when it stopped in the middle. */
  end(): Uint8Array;
  /** Wipes and frees what is held; allowed at any time and more than once. */
  dispose(): void;
}

/** What reads one shape of answer. */
export interface AnswerReader {
  /** Takes the next bytes and adds what may pass to `out`; keeps none of them. */
  read(bytes: Buffer, out: Uint8Array[]): void;
  finish(out: Uint8Array[]): void;
  /** Overwrites all that is held. */
  wipe(): void;
}

/** Ten times etcd's default limit of a request (1.5 MiB, `--max-request-bytes`). */
const defaultMaxObjectBytes = 16 * 1024 * 1024;

/**
 * Makes a filter for one answer.
 * @throws ScrubberError `invalidOptions`.
 */
export function createAnswerFilter(options: AnswerFilterOptions): AnswerFilter {
  const { objects, kind, redact = [], maxObjectBytes = defaultMaxObjectBytes } = options;
  if (!redact.every((path) => checkFieldPath(path) === undefined)) {
    throw new ScrubberError('invalidOptions', 'wrong options of an answer filter: redact');
  }
  const edits = new AnswerEdits({ objects, kind, root: answerTree(objects, redact) });
  return new GuardedFilter(readerOf(options.shape, { edits, maxObjectBytes }));
}

/** What every reader needs. */
export interface AnswerReaderOptions {
  readonly edits: AnswerEdits;
  readonly maxObjectBytes: number;
}

function readerOf(shape: AnswerFilterOptions['shape'], options: AnswerReaderOptions): AnswerReader {
  switch (shape) {
    case 'document':
      return new DocumentReader(options);
    case 'list':
      return new AnswerListReader(options);
    case 'events':
      return new EventReader(options);
  }
}

class GuardedFilter implements AnswerFilter {
  readonly #reader: AnswerReader;
  #isClosed = false;

  constructor(reader: AnswerReader) {
    this.#reader = reader;
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    try {
      return this.#guarded((out) => this.#reader.read(bytes, out));
    } finally {
      bytes.fill(0);
    }
  }

  end(): Uint8Array {
    const rest = this.#guarded((out) => this.#reader.finish(out));
    this.dispose();
    return rest;
  }

  dispose(): void {
    this.#isClosed = true;
    this.#reader.wipe();
  }

  #guarded(read: (out: Uint8Array[]) => void): Uint8Array {
    if (this.#isClosed) throw new ScrubberError('closed', 'the filter was ended or disposed');
    const out: Uint8Array[] = [];
    try {
      read(out);
    } catch (fault: unknown) {
      this.dispose();
      throw fault;
    }
    return out.length === 1 && out[0] !== undefined ? out[0] : Buffer.concat(out);
  }
}
