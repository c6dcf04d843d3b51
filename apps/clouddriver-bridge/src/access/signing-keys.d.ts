/**
 * The public keys of an issuer: from a file that may change, or from a URL, asked again when they are
 * old and when a token names a key that is not among them. A URL that does not answer is forgiven
 * for a while: what it said last holds.
 */
import { type CryptoKey, type JWSHeaderParameters } from 'jose';
/** Keys by a token's header. */
export interface SigningKeys {
    /** Throws {@link KeysUnavailable}, or an error of `jose` when there is no such key. */
    find(header: JWSHeaderParameters): Promise<CryptoKey | Uint8Array>;
}
/** The keys cannot be had. */
export declare class KeysUnavailable extends Error {
    readonly name = "KeysUnavailable";
}
/** What keys are read with. */
export interface SigningKeysDeps {
    /** The key set as text. */
    readonly read: () => Promise<string>;
    /** Where they come from, for messages: a path or a URL. */
    readonly place: string;
    /** Time. */
    readonly clock: {
        nowMs(): number;
    };
}
/** Keys of one source. */
export declare function createSigningKeys({ read, place, clock }: SigningKeysDeps): SigningKeys;
//# sourceMappingURL=signing-keys.d.ts.map