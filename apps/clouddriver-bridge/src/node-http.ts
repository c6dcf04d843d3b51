/**
 * Node's `http` as a CommonJS module would get it. An import reads every property of the module, and
 * one of them, `http.WebSocket`, loads a whole second HTTP client: 9 MiB of resident memory and 20 ms
 * (measured, Node.js 24).
 */
const http = process.getBuiltinModule('node:http');

/** See https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener */
export const createServer = http.createServer;
/** See https://nodejs.org/api/http.html#httprequestoptions-callback */
export const httpRequest = http.request;
/** See https://nodejs.org/api/http.html#httpstatus_codes */
export const statusTexts: Readonly<Record<number, string | undefined>> = http.STATUS_CODES;
/** See https://nodejs.org/api/http.html#httpvalidateheadernamename-label */
export const validateHeaderName = http.validateHeaderName;
/** See https://nodejs.org/api/http.html#httpvalidateheadervaluename-value */
export const validateHeaderValue = http.validateHeaderValue;
