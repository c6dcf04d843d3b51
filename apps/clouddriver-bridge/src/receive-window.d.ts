/**
 * Widens the HTTP/2 windows in which agents may send. grpc-js has an option for that, but only its
 * clients heed it (1.14); a server stays at Node's 64 KiB, which on a link of 100 ms round trip
 * lets 640 kB/s through.
 */
import { type Server } from '@grpc/grpc-js';
/** Per stream and per connection, in bytes: 20 MB/s at 100 ms. */
export declare const receiveWindowBytes: number;
/**
 * Applies to connections made from now on; call it once the server is bound. Answers whether it
 * could: the sockets are no public part of grpc-js, and without them all works, only slower.
 */
export declare function widenReceiveWindows(server: Server): boolean;
//# sourceMappingURL=receive-window.d.ts.map