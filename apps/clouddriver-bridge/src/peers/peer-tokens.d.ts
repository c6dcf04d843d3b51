/** A bridge's key, new at each start. */
export interface PeerKey {
    /** SPKI in PEM, for everybody. */
    readonly publicKey: string;
    /** A token that says who asks whom. */
    sign(from: string, to: string): Promise<string>;
}
/** Makes a key. */
export declare function createPeerKey(): PeerKey;
/** Who showed a token, or why it is none. */
export type PeerProof = {
    readonly kind: 'peer';
    readonly bridgeId: string;
} | {
    readonly kind: 'refused';
    readonly reason: string;
};
/** Checks a token that was made for the bridge `self`. */
export declare function verifyPeerToken(token: string, self: string, publicKeyOf: (bridgeId: string) => string | undefined): Promise<PeerProof>;
//# sourceMappingURL=peer-tokens.d.ts.map