/** Checks an account that an agent registers, before anybody decides on it. */
import { type AccountOffer } from '@fairlead/account-registry';
import { RejectionCode, type RegisterAccount } from '@fairlead/protocol';
import { type AgentIdentity } from './access/agent-authenticator.ts';
/** The offer, or why it cannot be one. */
export type CheckedRegistration = {
    readonly kind: 'offer';
    readonly offer: AccountOffer;
} | {
    readonly kind: 'rejected';
    readonly code: RejectionCode;
    readonly reason: string;
};
/** Checks name, permission and content. */
export declare function checkRegistration(account: RegisterAccount, link: {
    readonly linkId: string;
    readonly agentId: string;
    readonly instanceId: string;
    readonly identity: AgentIdentity;
}): CheckedRegistration;
//# sourceMappingURL=account-offer.d.ts.map