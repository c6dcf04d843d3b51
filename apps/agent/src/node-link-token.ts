/**
 * The agent's bearer token: given, from a file or a secret engine, which are asked anew for each
 * connection, or from a command that is run when its last answer is too old. A token is never logged, nor is what a
 * command printed.
 */
import { execFile } from 'node:child_process';
import { isSecretReference, type Secrets } from '@fairlead/secret-engines';
import type { LinkConfig, TokenSource } from './node-link-dialer.ts';

type TokenCommand = NonNullable<LinkConfig['auth']['tokenCommand']>;

/** Longest run of a token command in milliseconds. */
const commandTimeoutMs = 30_000;

/** A source for what the configuration says. */
export function createTokenSource(
  auth: LinkConfig['auth'],
  deps: {
    readonly clock: { nowMs(): number };
    readonly secrets: Pick<Secrets, 'content' | 'text'>;
  },
): TokenSource {
  const { clock, secrets } = deps;
  const { token, tokenFile, tokenCommand } = auth;
  if (token !== undefined) return () => secrets.text(token, 'fresh');
  if (tokenFile !== undefined) return () => tokenFromFile(tokenFile, secrets);
  if (tokenCommand !== undefined) return cachedToken(tokenCommand, clock);
  return () => Promise.resolve(undefined);
}

/** The token in a command's output. @throws Error without the output in its message */
export function tokenFromOutput(output: string, format: TokenCommand['format']): string {
  if (format === 'raw') return nonEmpty(output.trim(), 'the token command printed nothing');
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    // Not the cause: a parser's message quotes the text, which may hold the token.
    throw new Error('the token command printed no JSON');
  }
  const token = (parsed as { token?: unknown } | null)?.token;
  if (typeof token !== 'string') throw new Error('the token command printed no "token"');
  return nonEmpty(token.trim(), 'the token command printed an empty token');
}

async function tokenFromFile(file: string, secrets: Pick<Secrets, 'content'>): Promise<string> {
  const content = await secrets.content(file, 'fresh').catch((error: unknown) => {
    // It names the engine and the place itself.
    if (isSecretReference(file)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new Error(`the token file ${file} cannot be read (${code})`);
  });
  return nonEmpty(content.toString('utf8').trim(), `the token file ${file} is empty`);
}

function cachedToken(command: TokenCommand, clock: { nowMs(): number }): TokenSource {
  let token = '';
  let readAtMs = -Infinity;
  return async () => {
    const isFresh = clock.nowMs() - readAtMs < command.refreshIntervalSeconds * 1000;
    if (isFresh) return token;
    token = tokenFromOutput(await run(command), command.format);
    readAtMs = clock.nowMs();
    return token;
  };
}

function run({ command, args }: TokenCommand): Promise<string> {
  const options = { timeout: commandTimeoutMs, maxBuffer: 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (error, stdout) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      // Its message holds the command line, which may hold a secret.
      const how = error.killed === true ? 'did not end in time' : `failed (${String(error.code)})`;
      reject(new Error(`the token command ${how}`));
    });
  });
}

function nonEmpty(text: string, otherwise: string): string {
  if (text === '') throw new Error(otherwise);
  return text;
}
