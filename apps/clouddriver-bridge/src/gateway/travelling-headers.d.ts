/** Which headers go on from one connection to the next, in both directions. */
import { type IncomingMessage } from 'node:http';
import { type ApiHeaders } from '@fairlead/api-tunnel';
/** What a client's request takes along: nothing of its connection, nothing that proves who it is. */
export declare function requestHeadersOf({ headersDistinct, }: Pick<IncomingMessage, 'headersDistinct'>): ApiHeaders;
/** What a cluster's answer takes along. */
export declare function answerHeadersOf(headers: ApiHeaders): Record<string, string>;
//# sourceMappingURL=travelling-headers.d.ts.map