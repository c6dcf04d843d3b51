/** Who stands behind a bearer token: tokens from the configuration or from files that rotate. */
import { hash, timingSafeEqual } from 'node:crypto';

/** One token and what it stands for. */
export interface TokenRule<T> {
  /** The token itself, or */
  readonly token?: string | undefined;
  /** the file that holds it; white space around it is cut off. */
  readonly tokenFile?: string | undefined;
  /** What the token stands for. */
  readonly value: T;
}

/** Reads a token file as text. */
export type ReadTokenFile = (path: string) => Promise<string>;

/** Looks tokens up. Files are read at every look-up: links are opened seldom, files rotate. */
export class BearerTokens<T> {
  readonly #rules: readonly TokenRule<T>[];
  readonly #readFile: ReadTokenFile;

  constructor(rules: readonly TokenRule<T>[], readFile: ReadTokenFile) {
    this.#rules = rules;
    this.#readFile = readFile;
  }

  /**
   * What the token stands for. A file that cannot be read matches nothing; all rules are compared,
   * digest with digest, so that time tells nothing about them.
   */
  async find(token: string): Promise<T | undefined> {
    const given = digest(token);
    const tokens = await Promise.all(this.#rules.map((rule) => this.#tokenOf(rule)));
    let found: { readonly value: T } | undefined;
    for (const [at, rule] of this.#rules.entries()) {
      const expected = tokens[at];
      if (expected === undefined || expected === '') continue;
      if (timingSafeEqual(given, digest(expected))) found ??= rule;
    }
    return found?.value;
  }

  async #tokenOf({ token, tokenFile }: TokenRule<T>): Promise<string | undefined> {
    if (tokenFile === undefined) return token;
    try {
      return (await this.#readFile(tokenFile)).trim();
    } catch {
      return undefined; // Refusing is all that can be done; the refusal is logged by the caller.
    }
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
