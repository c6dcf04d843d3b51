/** Checks an account that an agent registers, before anybody decides on it. */
import { type AccountOffer } from '@fairlead/account-registry';
import { maxPropertiesBytes, RejectionCode, type RegisterAccount } from '@fairlead/protocol';
import { type AgentIdentity } from './access/agent-authenticator.ts';

/** The offer, or why it cannot be one. */
export type CheckedRegistration =
  | { readonly kind: 'offer'; readonly offer: AccountOffer }
  | { readonly kind: 'rejected'; readonly code: RejectionCode; readonly reason: string };

/**
 * Names that Clouddriver can carry: part of a path, of a key and of the 127 characters of an agent's
 * name (`<account>/KubernetesCoreCachingAgent[1/1]` is 36 longer).
 */
const namePattern = /^[^\s/\p{C}]{1,91}$/u;

/** Checks name, permission and content. */
export function checkRegistration(
  account: RegisterAccount,
  link: {
    readonly linkId: string;
    readonly agentId: string;
    readonly instanceId: string;
    readonly identity: AgentIdentity;
  },
): CheckedRegistration {
  const { name, cluster, kinds } = account;
  if (!namePattern.test(name)) {
    return invalid('an account name has 1 to 91 characters, none of them a space or a /');
  }
  if (!link.identity.mayRegister(name)) {
    const reason = `${link.identity.description} may not register this name`;
    return { kind: 'rejected', code: RejectionCode.NOT_ALLOWED, reason };
  }
  if (cluster === undefined) return invalid('the account has no cluster');
  const properties = parseProperties(account.properties);
  if (typeof properties === 'string') return invalid(properties);
  const { linkId, agentId, instanceId } = link;
  const offer = { linkId, agentId, instanceId, cluster, kinds, properties };
  return { kind: 'offer', offer };
}

/** The properties, or what is wrong with them. */
function parseProperties(bytes: Uint8Array): Readonly<Record<string, unknown>> | string {
  if (bytes.byteLength === 0) return {};
  if (bytes.byteLength > maxPropertiesBytes) {
    return `the account's properties have more than ${maxPropertiesBytes} bytes`;
  }
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (isRecord(value)) return value;
  } catch {
    // Told below: the parser's own message would carry the text.
  }
  return "the account's properties are not a JSON object";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(reason: string): CheckedRegistration {
  return { kind: 'rejected', code: RejectionCode.INVALID, reason };
}
