/**
 * Whether an account's `permissions` let somebody in whose groups are known, as Spinnaker's Fiat
 * decides it: without any role an account is open; with some, whoever has none of a verb's roles may
 * not do it, and a verb without roles is nobody's.
 * @see https://github.com/spinnaker/fiat/blob/master/fiat-core/src/main/java/com/netflix/spinnaker/fiat/model/resources/Permissions.java
 */

/** What somebody wants with an account. */
export type AccountVerb = 'read' | 'write';

/**
 * Whether one of `groups` has the verb's role; letter case does not count, as in Fiat. Permissions
 * that cannot be understood are nobody's.
 */
export function permitsGroups(
  permissions: unknown,
  verb: AccountVerb,
  groups: readonly string[],
): boolean {
  if (permissions === undefined || permissions === null) return true;
  if (typeof permissions !== 'object' || Array.isArray(permissions)) return false;
  const roles = new Map(Object.entries(permissions));
  if ([...roles.values()].some((each) => !isListOfTexts(each))) return false;
  if ([...roles.values()].every((each) => (each as string[]).length === 0)) return true;
  const wanted = (roles.get(verb.toUpperCase()) ?? []) as readonly string[];
  const own = new Set(groups.map(plain));
  return wanted.some((role) => own.has(plain(role)));
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function plain(role: string): string {
  return role.trim().toLowerCase();
}
