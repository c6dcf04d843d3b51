/**
 * How bridges of one database know each other: each signs what it asks for with a key of its own,
 * whose public half stands in the database. Who can only read the database learns nothing of use.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { JOSEError } from 'jose/errors';

/** A bridge's key, new at each start. */
export interface PeerKey {
  /** SPKI in PEM, for everybody. */
  readonly publicKey: string;
  /** A token that says who asks whom. */
  sign(from: string, to: string): Promise<string>;
}

/** What tokens are made for. */
const claim = 'fairlead:exchange';

/**
 * How long a token holds, in seconds: it is shown at once, but the clocks of two machines may differ
 * by minutes.
 */
const lifetimeSeconds = 300;
const clockToleranceSeconds = 300;

/** Makes a key. */
export function createPeerKey(): PeerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: async (from, to) => {
      const { SignJWT } = await import('jose/jwt/sign');
      return new SignJWT({ scope: claim })
        .setProtectedHeader({ alg: 'EdDSA' })
        .setIssuer(from)
        .setAudience(to)
        .setIssuedAt()
        .setExpirationTime(`${lifetimeSeconds}s`)
        .sign(privateKey);
    },
  };
}

/** Who showed a token, or why it is none. */
export type PeerProof =
  | { readonly kind: 'peer'; readonly bridgeId: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Checks a token that was made for the bridge `self`. */
export async function verifyPeerToken(
  token: string,
  self: string,
  publicKeyOf: (bridgeId: string) => string | undefined,
): Promise<PeerProof> {
  const { jwtVerify } = await import('jose/jwt/verify');
  try {
    const findKey = (): KeyObject => keyOf(token.split('.')[1] ?? '');
    const { payload } = await jwtVerify(token, findKey, {
      ...{ algorithms: ['EdDSA'], audience: self, requiredClaims: ['iss', 'exp', 'scope'] },
      clockTolerance: clockToleranceSeconds,
    });
    const { iss: bridgeId, scope } = payload;
    if (scope !== claim || bridgeId === undefined) return refused('a token for something else');
    return { kind: 'peer', bridgeId };
  } catch (error: unknown) {
    if (error instanceof JOSEError) return refused(error.code);
    if (error instanceof UnknownPeer) return refused('no bridge of this database');
    throw error;
  }

  function keyOf(encoded: string): KeyObject {
    const publicKey = publicKeyOf(issuerOf(encoded));
    if (publicKey === undefined || publicKey === '') throw new UnknownPeer();
    return createPublicKey(publicKey);
  }
}

/** No key is known of the one who signed. */
class UnknownPeer extends Error {}

/** Not yet checked: it only says whose key is to be tried. */
function issuerOf(encoded: string): string {
  try {
    const claims = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as unknown;
    const issuer = typeof claims === 'object' && claims !== null && 'iss' in claims && claims.iss;
    return typeof issuer === 'string' ? issuer : '';
  } catch {
    return ''; // Nobody's.
  }
}

function refused(reason: string): PeerProof {
  return { kind: 'refused', reason };
}
