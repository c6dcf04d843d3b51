/**
 * The public keys of an issuer: from a file that may change, or from a URL, asked again when they are
 * old and when a token names a key that is not among them. A URL that does not answer is forgiven
 * for a while: what it said last holds.
 */
import type { createLocalJWKSet, CryptoKey, JSONWebKeySet, JWSHeaderParameters } from 'jose';
import { JWKSNoMatchingKey } from 'jose/errors';

/** Keys by a token's header. */
export interface SigningKeys {
  /** Throws {@link KeysUnavailable}, or an error of `jose` when there is no such key. */
  find(header: JWSHeaderParameters): Promise<CryptoKey | Uint8Array>;
}

/** The keys cannot be had. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** What keys are read with. */
export interface SigningKeysDeps {
  /** The key set as text. */
  readonly read: () => Promise<string>;
  /** Where they come from, for messages: a path or a URL. */
  readonly place: string;
  /** Time. */
  readonly clock: { nowMs(): number };
}

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Keys this old are asked for again, ms: with two rechecks of what is open, less than the promised 60 s. */
const refreshMs = 15_000;
/** Keys this old are not used any more when their source does not answer, ms. */
const staleMs = 600_000;
/** Unknown keys make the source be asked this often at most, ms: anybody can name one. */
const cooldownMs = 5000;

/** Keys of one source. */
export function createSigningKeys({ read, place, clock }: SigningKeysDeps): SigningKeys {
  let current: KeySet | undefined;
  let readAtMs = -Infinity;
  let askedAtMs = -Infinity;
  let reading: Promise<void> | undefined;

  const readNow = async (): Promise<void> => {
    askedAtMs = clock.nowMs();
    const { createLocalJWKSet: keySetOf } = await import('jose/jwks/local');
    try {
      current = keySetOf(keySetIn(await read()));
      readAtMs = clock.nowMs();
    } catch (cause: unknown) {
      if (clock.nowMs() - readAtMs < staleMs) return;
      current = undefined;
      throw new KeysUnavailable(`the keys of ${place} cannot be had: ${messageOf(cause)}`, {
        cause,
      });
    }
  };
  const refresh = (): Promise<void> => {
    reading ??= readNow().finally(() => (reading = undefined));
    return reading;
  };
  const fresh = async (): Promise<KeySet> => {
    const nowMs = clock.nowMs();
    const isUsable = current !== undefined && nowMs - readAtMs < staleMs;
    if (nowMs - readAtMs >= refreshMs && nowMs - askedAtMs >= cooldownMs) {
      const refreshed = refresh();
      // Nobody waits for a slow source while there are keys; that they become too old is said below.
      if (isUsable) refreshed.catch(() => undefined);
      else await refreshed;
    } else if (!isUsable) await reading;
    if (current !== undefined && clock.nowMs() - readAtMs < staleMs) return current;
    throw new KeysUnavailable(`the keys of ${place} cannot be had`);
  };

  return {
    async find(header) {
      try {
        return await (
          await fresh()
        )(header);
      } catch (error: unknown) {
        const isUnknown = error instanceof JWKSNoMatchingKey;
        if (!isUnknown || clock.nowMs() - askedAtMs < cooldownMs) throw error;
        await refresh();
        return await (
          await fresh()
        )(header);
      }
    },
  };
}

function keySetIn(text: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('not JSON'); // The parser's message would quote it.
  }
  return value as JSONWebKeySet; // `jose` checks the form.
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
