/**
 * Guards the connections under a gRPC server: one that does not come to its first stream in time is
 * ended, whether it hangs in TLS, in HTTP/2 or says nothing at all. Streams have guards of their own.
 */
import { type Server } from '@grpc/grpc-js';
/** Why a connection was ended. */
export type GrpcRefusal = 'tls' | 'slow' | 'malformed';
/** Longest way from the connection to the first stream, ms. Agents open it at once. */
export declare const firstStreamMs = 15000;
/**
 * Guards connections made from now on; call it once the server is bound. Answers whether it could:
 * the sockets are no public part of grpc-js.
 */
export declare function guardConnections(server: Server, refused: (reason: GrpcRefusal) => void): boolean;
//# sourceMappingURL=node-grpc-guard.d.ts.map