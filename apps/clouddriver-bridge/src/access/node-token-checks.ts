/** Makes the checks of bearer tokens that the rules ask for, each key set and cluster opened once. */
import { readFile } from 'node:fs/promises';
import {
  clusterClientFromKubeconfig,
  clusterClientFromServiceAccount,
  type ClusterClient,
} from '@fairlead/cluster-client';
import { isSecretReference, type Secrets } from '@fairlead/secret-engines';
import { type JwtRule, type ServiceAccountRule } from './access-config.ts';
import { type ProofRule } from './credential-proof.ts';
import { createJwtCheck } from './json-web-tokens.ts';
import { readJwks } from './node-jwks-client.ts';
import { createTokenReview } from './service-account-tokens.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { type CheckToken } from './token-check.ts';

/** Makes the check of a rule; `undefined` for rules that are proven in another way. */
export type TokenChecks = (rule: ProofRule) => CheckToken | undefined;

type KeysPlace = Pick<JwtRule, 'jwksUrl' | 'jwksFile' | 'jwksCaFile'>;

/** For all rules of both doors. */
export function createTokenChecks({
  clock,
  secrets,
}: {
  readonly clock: { nowMs(): number };
  /** For kubeconfigs that are references. */
  readonly secrets: Pick<Secrets, 'content'>;
}): TokenChecks {
  const known = new Map<string, SigningKeys>();
  const keysOf = ({ jwksUrl, jwksFile = '', jwksCaFile }: KeysPlace): SigningKeys => {
    const id = JSON.stringify([jwksUrl, jwksFile, jwksCaFile]);
    const keys = known.get(id) ?? keysAt(jwksUrl, jwksFile, jwksCaFile);
    known.set(id, keys);
    return keys;
  };
  const keysAt = (url: string | undefined, file: string, caFile: string | undefined) =>
    url === undefined
      ? createSigningKeys({ read: () => readFile(file, 'utf8'), place: file, clock })
      : createSigningKeys({ read: () => readJwks({ url, caFile }), place: url, clock });
  return ({ jwt, serviceAccount, groups }) => {
    if (jwt !== undefined) return createJwtCheck(jwt, { keys: keysOf(jwt), clock, groups });
    if (serviceAccount === undefined) return undefined;
    const { jwksUrl, jwksFile } = serviceAccount;
    if (jwksUrl === undefined && jwksFile === undefined) {
      return createTokenReview(serviceAccount, {
        openCluster: () => openCluster(serviceAccount, secrets),
        clock,
      });
    }
    return createJwtCheck(asJwtRule(serviceAccount), { keys: keysOf(serviceAccount), clock });
  };
}

function openCluster(
  { kubeconfigFile, context }: ServiceAccountRule,
  secrets: Pick<Secrets, 'content'>,
): Promise<Pick<ClusterClient, 'request'>> {
  if (kubeconfigFile === undefined) return clusterClientFromServiceAccount();
  return clusterClientFromKubeconfig({
    kubeconfigFile,
    ...(context === undefined ? {} : { context }),
    ...(isSecretReference(kubeconfigFile)
      ? { read: async (mode) => (await secrets.content(kubeconfigFile, mode)).toString('utf8') }
      : {}),
  });
}

/** Tokens of service accounts name no groups, whatever a claim of that name says. */
function asJwtRule({ issuer = '', audience, subject }: ServiceAccountRule): JwtRule {
  return { issuer, audience, subject, claims: {}, groupsClaim: '', nameClaim: 'sub' };
}
