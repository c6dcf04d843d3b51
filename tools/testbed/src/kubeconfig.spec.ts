import { decodeKubeconfig, encodeKubeconfig } from './kubeconfig.ts';

const connection = {
  url: 'https://127.0.0.1:16443',
  caPem: 'ca',
  admin: { certificatePem: 'certificate', privateKeyPem: 'key' },
};

describe(decodeKubeconfig, () => {
  it('reads what encodeKubeconfig writes', () => {
    expect(decodeKubeconfig(encodeKubeconfig(connection))).toEqual(connection);
  });

  it('names the field that is missing', () => {
    const text = encodeKubeconfig(connection).replace('client-key-data', 'client-key');

    expect(() => decodeKubeconfig(text)).toThrow('no client-key-data');
  });
});
