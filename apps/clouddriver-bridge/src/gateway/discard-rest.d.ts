/**
 * What a client still sends after it has its answer is read and thrown away by Node.js, so that the
 * connection can be used again; of a client that goes on and on the connection is ended.
 */
import { type IncomingMessage } from 'node:http';
/** Gives the rest of a request that was answered a bound in time. */
export declare function discardRest(request: IncomingMessage): void;
//# sourceMappingURL=discard-rest.d.ts.map