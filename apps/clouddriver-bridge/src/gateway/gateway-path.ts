/** Where a request to the gateway leads: `/clusters/{account}` and the rest, which is the cluster's. */

/** A path of the gateway, taken apart. */
export interface GatewayPath {
  readonly account: string;
  /** Path and query for the API server, as the client wrote them; begins with `/`. */
  readonly target: string;
}

const prefix = '/clusters/';

/** Whether a request is the gateway's. */
export function isGatewayUrl(url: string): boolean {
  return url.startsWith(prefix);
}

/** Takes a request's URL apart; `undefined` if it names no account. */
export function parseGatewayUrl(url: string): GatewayPath | undefined {
  const match = /^\/clusters\/([^/?#]+)(\/[^#]*|\?[^#]*|)$/.exec(url);
  if (match === null) return undefined;
  const [, encoded = '', rest = ''] = match;
  try {
    const account = decodeURIComponent(encoded);
    return { account, target: rest.startsWith('/') ? rest : `/${rest}` };
  } catch {
    return undefined; // A percent sign without two digits: no name.
  }
}
