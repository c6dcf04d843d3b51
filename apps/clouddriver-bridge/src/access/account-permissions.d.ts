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
export declare function permitsGroups(permissions: unknown, verb: AccountVerb, groups: readonly string[]): boolean;
//# sourceMappingURL=account-permissions.d.ts.map