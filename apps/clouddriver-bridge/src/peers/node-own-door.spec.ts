import { type NetworkInterfaceInfo } from 'node:os';
import { advertisedAddress } from './node-own-door.ts';

const anInterface = (address: string, internal: boolean): NetworkInterfaceInfo => ({
  ...{ address, internal, netmask: '', mac: '', cidr: null },
  ...(address.includes(':') ? { family: 'IPv6', scopeid: 0 } : { family: 'IPv4' }),
});

const pod = {
  lo: [anInterface('127.0.0.1', true), anInterface('::1', true)],
  eth0: [anInterface('fe80::1', false), anInterface('fd00::7', false)],
  eth1: [anInterface('10.0.3.7', false)],
};

describe(advertisedAddress, () => {
  it.each([
    ['the address it is bound to', '10.1.1.1', undefined, pod, '10.1.1.1:9091'],
    [
      "the machine's first address where it is bound to all",
      '0.0.0.0',
      undefined,
      pod,
      '10.0.3.7:9091',
    ],
    [
      'an IPv6 address where there is no other',
      '::',
      undefined,
      { eth0: pod.eth0 },
      '[fd00::7]:9091',
    ],
    ['what the configuration says', '0.0.0.0', 'bridge-0.bridge:443', pod, 'bridge-0.bridge:443'],
    ['nothing where only this machine can reach it', '0.0.0.0', undefined, { lo: pod.lo }, ''],
  ])('is %s', (_what, host, advertised, interfaces, address) => {
    const grpc = advertised === undefined ? { host } : { host, advertisedAddress: advertised };

    expect(advertisedAddress({ advertisedAddress: undefined, ...grpc }, 9091, interfaces)).toBe(
      address,
    );
  });
});
