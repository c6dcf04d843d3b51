import { ApiTunnelError } from './api-tunnel-error.ts';
import { headersFrom, responseHeadFrom } from './wire-head.ts';

describe(headersFrom, () => {
  it('gives back what was sent, whatever the names are', () => {
    const headers = { accept: 'application/json', ['__proto__']: 'x', constructor: '' };

    const { headers: flat } = responseHeadFrom({ status: 200, headers, body: new Uint8Array() });

    expect(Object.entries(headersFrom(flat))).toEqual(Object.entries(headers));
  });

  it('refuses a name without a value', () => {
    expect(() => headersFrom(['accept'])).toThrow(ApiTunnelError);
  });
});
