/**
 * The server under the HTTP port: what is the gateway's goes there as it came, the rest to the API.
 * Whoever is too slow, too long-winded or not understood loses that connection alone.
 */
import { type RequestListener, type Server } from 'node:http';
import { type TlsOptions } from 'node:tls';
import { type GatewayFront } from './gateway/node-gateway-front.ts';
/** Why a connection was ended from this side. */
export type HttpRefusal = 'tls' | 'slow' | 'headerSize' | 'malformed';
/** What the server is made of. */
export interface PortOptions {
    /** Answers what is not the gateway's. */
    readonly api: RequestListener;
    readonly front: Pick<GatewayFront, 'answer' | 'switch'>;
    /** Serve HTTPS with these. */
    readonly tls: TlsOptions | undefined;
    /** A connection was ended; for metrics. */
    readonly refused: (reason: HttpRefusal) => void;
}
/** Makes the server; it does not listen yet. */
export declare function createPort({ api, front, tls, refused }: PortOptions): Server;
//# sourceMappingURL=node-http-server.d.ts.map