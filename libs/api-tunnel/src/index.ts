export { chunksOf, noBody } from './api-exchange.ts';
export type { ApiBody, ApiHandler, ApiHeaders, ApiRequest, ApiResponse } from './api-exchange.ts';
export { ApiTunnelError } from './api-tunnel-error.ts';
export type { ApiTunnelErrorCode } from './api-tunnel-error.ts';
export { statusResponse } from './status-response.ts';
export type { StatusFacts } from './status-response.ts';
export { headersFrom, requestHeadFrom, responseHeadFrom } from './wire-head.ts';
