/** Who calls the API, and which accounts that client may see or change. */
import { compileNameGlobs } from '@fairlead/service-kit';
import { bearerOf, BearerTokens, type ReadTokenFile } from './bearer-tokens.ts';
import { type ClientRule } from '../config.ts';
import { ApiError } from '../problem-details.ts';

/** A client that may call. */
export interface ApiClient {
  /** For logs. */
  readonly name: string;
  /** Whether it may see an account. */
  mayRead(account: string): boolean;
  /** Whether it may cause anything to happen to an account. */
  mayWrite(account: string): boolean;
}

/** Decides who calls; throws {@link ApiError} 401. */
export type AuthenticateClient = (authorization: string | undefined) => Promise<ApiClient>;

/** Without any rule everybody may do everything: the configuration allows that on loopback only. */
export function createClientAuthenticator(
  rules: readonly ClientRule[],
  readFile: ReadTokenFile,
): AuthenticateClient {
  if (rules.length === 0) {
    const anybody: ApiClient = { name: 'anybody', mayRead: () => true, mayWrite: () => true };
    return () => Promise.resolve(anybody);
  }
  const tokens = new BearerTokens(
    rules.map(({ token, tokenFile, name, accounts, access }) => {
      const mayRead = compileNameGlobs(accounts);
      const mayWrite = access === 'write' ? mayRead : () => false;
      const value: ApiClient = { name, mayRead, mayWrite };
      return { token, tokenFile, value };
    }),
    readFile,
  );
  return async (authorization) => {
    const token = bearerOf(authorization);
    if (token === undefined) throw new ApiError(401, 'a bearer token is needed');
    const client = await tokens.find(token);
    if (client === undefined) throw new ApiError(401, 'the bearer token is not known');
    return client;
  };
}
