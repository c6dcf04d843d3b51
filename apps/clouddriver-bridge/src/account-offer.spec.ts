import { describe, expect, it } from '@jest/globals';
import { RejectionCode, type RegisterAccount } from '@fairlead/protocol';
import { checkRegistration } from './account-offer.ts';

const link = {
  linkId: 'link-1',
  agentId: 'agent-1',
  instanceId: 'process-1',
  identity: {
    description: 'auth.agents[0]',
    accountNames: ['*'],
    mayRegister: (name: string) => name !== 'forbidden',
    watch: () => () => undefined,
  },
};
const cluster = { server: 's', certificateFingerprint: '', version: '', uid: 'u' };

function check(more: Partial<RegisterAccount>) {
  const properties = Buffer.from('{"permissions":{"READ":["a"]}}');
  return checkRegistration({ name: 'prod', cluster, kinds: ['pod'], properties, ...more }, link);
}

describe(checkRegistration, () => {
  it('makes an offer of what the agent says', () => {
    expect(check({})).toEqual({
      kind: 'offer',
      offer: {
        linkId: 'link-1',
        agentId: 'agent-1',
        instanceId: 'process-1',
        cluster,
        kinds: ['pod'],
        properties: { permissions: { READ: ['a'] } },
      },
    });
  });

  it.each<[string, Partial<RegisterAccount>, RejectionCode]>([
    ['no name', { name: '' }, RejectionCode.INVALID],
    ['a name with a slash', { name: 'a/b' }, RejectionCode.INVALID],
    ['a name with a space', { name: 'a b' }, RejectionCode.INVALID],
    ['a name with a line feed', { name: 'a\n' }, RejectionCode.INVALID],
    ['a name too long for its key', { name: 'a'.repeat(92) }, RejectionCode.INVALID],
    ['a name that it may not use', { name: 'forbidden' }, RejectionCode.NOT_ALLOWED],
    ['no cluster', { cluster: undefined }, RejectionCode.INVALID],
    ['properties that are no JSON', { properties: Buffer.from('{') }, RejectionCode.INVALID],
    ['properties that are no object', { properties: Buffer.from('[1]') }, RejectionCode.INVALID],
    ['too many properties', { properties: Buffer.alloc(65_537, ' ') }, RejectionCode.INVALID],
  ])('rejects %s', (_what, more, code) => {
    expect(check(more)).toMatchObject({ kind: 'rejected', code });
  });

  it('takes no properties for none', () => {
    expect(check({ properties: Buffer.alloc(0) })).toMatchObject({ offer: { properties: {} } });
  });
});
