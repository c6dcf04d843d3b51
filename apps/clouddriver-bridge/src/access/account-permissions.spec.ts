import { describe, expect, it } from '@jest/globals';
import { permitsGroups } from './account-permissions.ts';

const restricted = { READ: ['team-a', 'Auditors '], WRITE: ['team-a'] };

describe(permitsGroups, () => {
  it.each([undefined, null, {}, { READ: [], WRITE: [] }])(
    'leaves an account open whose permissions are %j',
    (permissions) => {
      expect(permitsGroups(permissions, 'write', [])).toBe(true);
    },
  );

  it.each([
    ['read', ['team-a'], true],
    ['write', ['team-a'], true],
    ['read', ['AUDITORS'], true],
    ['write', ['auditors'], false],
    ['read', ['team-b', 'team-aa'], false],
    ['read', [], false],
  ] as const)('answers whether %s is for %j with %s', (verb, groups, isPermitted) => {
    expect(permitsGroups(restricted, verb, groups)).toBe(isPermitted);
  });

  it('gives a verb without roles to nobody once another verb has some', () => {
    expect(permitsGroups({ READ: ['team-a'] }, 'write', ['team-a'])).toBe(false);
    expect(permitsGroups({ EXECUTE: ['team-a'] }, 'read', ['team-a'])).toBe(false);
  });

  it.each(['READ', 7, ['team-a'], { READ: 'team-a' }, { READ: ['team-a'], WRITE: [7] }])(
    'lets nobody in by permissions that it does not understand: %j',
    (permissions) => {
      expect(permitsGroups(permissions, 'read', ['team-a', 'READ'])).toBe(false);
    },
  );
});
