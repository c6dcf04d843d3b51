/**
 * What options of a configuration mean: a plain text or path as it stands, a reference by its engine.
 * Documents are kept (`document-reader.ts`), and followed while somebody wants to know of changes.
 * Nothing of them is ever written to a disk.
 */
import { createBackoff, type Clock, type Random } from '@fairlead/service-kit';
import { DocumentReader, type ReadMode } from './document-reader.ts';
import type { EngineName } from './engine-parameters.ts';
import { pickSecret } from './secret-document.ts';
import type { SecretEngine } from './secret-engine.ts';
import { SecretError } from './secret-error.ts';
import {
  describeReference,
  isSecretReference,
  parseSecretReference,
  type SecretReference,
} from './secret-reference.ts';

/** What references are resolved with. */
export interface SecretsDeps {
  /** Those that are configured. */
  readonly engines: ReadonlyMap<EngineName, SecretEngine>;
  /** Reads the file that an option names plainly. */
  readonly readFile: (path: string) => Promise<Buffer>;
  /** Time. */
  readonly clock: Clock;
  /** Jitter. */
  readonly random: Random;
  /** How often documents are read again, in milliseconds. */
  readonly refreshIntervalMs: number;
  /**
   * A document cannot be read, for another reason than before, or (`undefined`) it can again.
   * @defaultValue nobody is told
   */
  readonly onTrouble?: (trouble: {
    readonly place: string;
    readonly error: SecretError | undefined;
  }) => void;
}

/** A subscription. */
export interface SecretsFollow {
  /** Ends it. */
  close(): Promise<void>;
}

interface Followed {
  readonly id: string;
  readonly reader: DocumentReader;
  readonly listeners: Set<() => void>;
  readonly stopping: AbortController;
  stopWatching: () => Promise<void>;
}

/** Of the interval, either way: hundreds of agents must not ask at the same moment. */
const jitter = 0.1;
/** After failures: fast at first, and never slower than once in five minutes. */
const failureBackoff = { baseDelayMs: 2_000, multiplier: 2, jitter: 0.3, maxDelayMs: 300_000 };

/** The secrets of one program. */
export class Secrets {
  readonly #deps: SecretsDeps;
  readonly #readers = new Map<string, DocumentReader>();
  readonly #followed = new Map<string, Followed>();

  constructor(deps: SecretsDeps) {
    this.#deps = deps;
  }

  /**
   * What an option that takes a text means, without the line breaks at a value's end.
   * @throws SecretError
   */
  async text(option: string, mode: ReadMode = 'cached'): Promise<string> {
    if (!isSecretReference(option)) return option;
    return (await this.#resolve(option, mode)).toString('utf8');
  }

  /**
   * The content of the file that an option names, or refers to.
   * @throws SecretError, or what `readFile` throws
   */
  async content(option: string, mode: ReadMode = 'cached'): Promise<Buffer> {
    if (!isSecretReference(option)) return this.#deps.readFile(option);
    return this.#resolve(option, mode);
  }

  /**
   * Keeps what the references among `options` lead to up to date, and calls `onChange` when any of
   * it has changed, has come to be readable, or is again. Plain texts are left out.
   */
  async follow(options: readonly string[], onChange: () => void): Promise<SecretsFollow> {
    const documents = new Map<string, SecretReference>();
    for (const option of options) {
      const reference = parseSecretReference(option);
      if (reference !== undefined) documents.set(documentOf(reference), reference);
    }
    const listener = (): void => onChange();
    const joined: Followed[] = [];
    for (const [id, reference] of documents) {
      joined.push(await this.#join({ id, reference, listener }));
    }
    return {
      close: async () => {
        for (const each of joined) {
          each.listeners.delete(listener);
          if (each.listeners.size === 0) await this.#leave(each);
        }
      },
    };
  }

  /** What a reference is known to mean, without asking anybody; `undefined` if that is nothing. */
  known(option: string): Buffer | undefined {
    const reference = parseSecretReference(option);
    const reader = reference && this.#readers.get(documentOf(reference));
    if (reference === undefined || reader?.known === undefined) return undefined;
    try {
      return pickSecret(reader.known, reference);
    } catch {
      return undefined; // Said when it is used.
    }
  }

  /**
   * What a program cannot start without: resolves when each of the references can be read. What is in
   * the way is told by `onTrouble` meanwhile.
   * @throws SecretError the first one, when `limitMs` are over or the signal aborts
   */
  async waitFor(
    options: readonly string[],
    { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { clock } = this.#deps;
    const endsAtMs = clock.nowMs() + limitMs;
    for (const option of options.filter(isSecretReference)) {
      for (;;) {
        const failure = await this.#resolve(option, 'cached').then(() => undefined, asSecretError);
        if (failure === undefined) break;
        if (signal.aborted || clock.nowMs() >= endsAtMs) throw failure;
        await clock.sleep(retryAtStartMs, signal).catch(ignoreAbort);
      }
    }
  }

  /** Waits until each of the references was tried, or the signal. */
  async settle(options: readonly string[], signal: AbortSignal): Promise<void> {
    const tried = options
      .filter(isSecretReference)
      // What is wrong is said when it is used.
      .map((option) => this.#resolve(option, 'cached').catch(() => undefined));
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    await Promise.race([Promise.all(tried), aborted]);
  }

  /** What is followed and cannot be read, each with its reason. */
  troubles(): readonly SecretError[] {
    return [...this.#followed.values()].flatMap(({ reader }) => reader.failure ?? []);
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const followed of [...this.#followed.values()]) await this.#leave(followed);
    for (const engine of this.#deps.engines.values()) engine.close?.();
  }

  async #resolve(option: string, mode: ReadMode): Promise<Buffer> {
    const reference = parseSecretReference(option);
    if (reference === undefined) throw new SecretError('syntax', 'is no reference');
    const document = await this.#readerOf(documentOf(reference), reference).get(mode);
    return pickSecret(document, reference);
  }

  #readerOf(id: string, reference: SecretReference): DocumentReader {
    const known = this.#readers.get(id);
    if (known !== undefined) return known;
    const { engines, clock, random, refreshIntervalMs, onTrouble } = this.#deps;
    const { engine: name } = reference;
    const place = describeReference(reference);
    const engine = engines.get(name);
    const reader = new DocumentReader({
      ...{ place, clock },
      read: (signal) => {
        if (engine !== undefined) return engine.read(reference, signal);
        const reason = `the engine is not configured: see secrets.${name}`;
        return Promise.reject(new SecretError('disabled', reason));
      },
      backoff: createBackoff(random, failureBackoff),
      maxAgeMs: () => refreshIntervalMs * (1 + jitter * (2 * random.next() - 1)),
      onChange: () => this.#changed(id),
      onTrouble: (error) => onTrouble?.({ place, error }),
    });
    this.#readers.set(id, reader);
    return reader;
  }

  #changed(id: string): void {
    for (const listener of this.#followed.get(id)?.listeners ?? []) listener();
  }

  async #join(request: {
    readonly id: string;
    readonly reference: SecretReference;
    readonly listener: () => void;
  }): Promise<Followed> {
    const { id, reference, listener } = request;
    const known = this.#followed.get(id);
    known?.listeners.add(listener);
    if (known !== undefined) return known;
    const reader = this.#readerOf(id, reference);
    const followed: Followed = {
      ...{ id, reader },
      listeners: new Set([listener]),
      stopping: new AbortController(),
      stopWatching: () => Promise.resolve(),
    };
    this.#followed.set(id, followed);
    void this.#keepUp(followed);
    const look = (): void => void reader.reread();
    const stop = await this.#deps.engines.get(reference.engine)?.watch?.(reference, look);
    if (stop !== undefined) followed.stopWatching = stop;
    return followed;
  }

  /** A reader that nobody follows is not kept up to date, so whoever reads next begins anew. */
  async #leave(followed: Followed): Promise<void> {
    followed.stopping.abort();
    this.#followed.delete(followed.id);
    this.#readers.delete(followed.id);
    await followed.stopWatching();
  }

  async #keepUp({ reader, stopping: { signal } }: Followed): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      await reader.get('cached').catch(ignoreFailure);
      const waitMs = Math.min(longestSleepMs, Math.max(1, reader.dueMs - clock.nowMs()));
      await clock.sleep(waitMs, signal).catch(ignoreAbort);
    }
  }
}

/** How often it is looked whether a program can start, in milliseconds; readings have pauses of their own. */
const retryAtStartMs = 500;

function asSecretError(error: unknown): SecretError {
  return SecretError.from(error, '');
}

/** Longest time that a timer of Node.js can wait is 24 days. */
const longestSleepMs = 86_400_000;

/** What references that share a document have in common. */
function documentOf({ engine, parameters }: SecretReference): string {
  const { k: _key, b, ...place } = parameters;
  const isFlag = engine === 'vault';
  return JSON.stringify([engine, { ...place, ...(isFlag ? {} : { b }) }]);
}

function ignoreFailure(): void {
  // The reader remembers it, and has told of it.
}

function ignoreAbort(): void {
  // The loop looks at the signal next.
}
