/** What a client of the gateway is told when there is no answer of its cluster. */
import { ApiTunnelError, type ApiHandler, type ApiResponse } from '@fairlead/api-tunnel';
/** An error on the way to a cluster as a `Status` object that says what may have happened there. */
export declare function failedExchange(account: string, error: ApiTunnelError): ApiResponse;
/** Answers while no agent has a link that leads to the account. */
export declare const agentAway: ApiHandler;
//# sourceMappingURL=failed-exchange.d.ts.map