/**
 * What a request shows to prove who sends it, in each form that clients of Kubernetes use, and how to
 * take all of that off a request that travels on.
 */
import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type CertificateSubject } from './certificate-subject.ts';
/** What a client or an agent shows. */
export interface ClientCredentials {
    /** `Bearer <token>`, if there is one, from wherever it stood; other schemes as they came. */
    readonly authorization: string | undefined;
    /** Subject of the client certificate, if there is one and an authority of ours has signed it. */
    readonly subject: CertificateSubject | undefined;
    /** When that certificate ends, epoch milliseconds. @defaultValue never */
    readonly subjectExpiresAtMs?: number | undefined;
    /** The other end's IP address: failures are counted by it. */
    readonly remoteAddress: string;
}
/** What a request shows. The certificate counts only if Node.js has found it valid. */
export declare function clientCredentialsOf(request: IncomingMessage): ClientCredentials;
/** The bearer token of the `Authorization` header, or of a WebSocket's protocols. */
export declare function bearerFrom(headers: IncomingHttpHeaders): string | undefined;
/** The token of an `Authorization` header; `undefined` for none or another scheme. */
export declare function bearerOf(header: string | undefined): string | undefined;
/** The headers without anything that proves who sent them; names in lower case go in and come out. */
export declare function withoutCredentials<Value extends string | readonly string[] | undefined>(headers: Readonly<Record<string, Value>>): Record<string, Value>;
//# sourceMappingURL=client-credentials.d.ts.map