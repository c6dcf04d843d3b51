/**
 * Token files that are not there when the bridge starts. That is no error, since they may come at
 * any time, but nobody gets in by their rules until then, and a misspelt path looks the same.
 */
import { access, constants } from 'node:fs/promises';
import { isSecretReference } from '@fairlead/secret-engines';
import { type AccessConfig } from './access-config.ts';

/** A warning for each rule whose token file cannot be read, with its place and path. */
export async function warnOfMissingTokens(auth: AccessConfig): Promise<readonly string[]> {
  const rules = (['agents', 'clients'] as const).flatMap((list) =>
    auth[list].map(({ tokenFile }, at) => ({ place: `auth.${list}[${String(at)}]`, tokenFile })),
  );
  const warnings = await Promise.all(
    rules.map(async ({ place, tokenFile }) => {
      // References are tried, and told of, by those who follow them.
      if (tokenFile === undefined || isSecretReference(tokenFile)) return [];
      if (await isReadable(tokenFile)) return [];
      return [`${place}.tokenFile: ${tokenFile} cannot be read: nobody gets in by this rule`];
    }),
  );
  return warnings.flat();
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false; // Why not is of no use to whoever has to put it there.
  }
}
