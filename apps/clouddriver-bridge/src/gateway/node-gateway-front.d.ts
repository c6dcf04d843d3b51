/** The gateway's HTTP: requests from Node's server, answers back to it, and connections that switch. */
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex } from 'node:stream';
import { type Gateway } from './gateway.ts';
/** What the front works with. */
export interface GatewayFrontDeps {
    readonly gateway: Pick<Gateway, 'begin'>;
}
/** Brings HTTP to the gateway. */
export declare class GatewayFront {
    #private;
    constructor({ gateway }: GatewayFrontDeps);
    /** Answers a request. Never rejects. */
    answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
    /** Switches a connection to another protocol. Never rejects. */
    switch(request: IncomingMessage, socket: Duplex, first: Buffer): Promise<void>;
}
//# sourceMappingURL=node-gateway-front.d.ts.map