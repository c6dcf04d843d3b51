import { describeStreamError } from './stream-error.ts';

const grpcError = (details: string) =>
  Object.assign(new Error(`14 UNAVAILABLE: ${details}`), { details });
const failed = (error: string, note = '') =>
  `No connection established. Last error: ${error}. Resolution note: ${note}`;

describe(describeStreamError, () => {
  it.each([
    [failed('Error: connect ECONNREFUSED 127.0.0.1:9091'), 'connect ECONNREFUSED 127.0.0.1:9091'],
    [failed('connect ETIMEDOUT 10.0.0.1:1', 'old'), 'connect ETIMEDOUT 10.0.0.1:1 (old)'],
    [failed('Protocol error (2026-11-22T16:19:00.222Z)'), 'Protocol error'],
    [
      failed(
        'Error: 40BD8539F37F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/x.c:77:\n',
      ),
      'SSL routines: wrong version number',
    ],
    [failed('null'), 'no connection established'],
    [
      'Name resolution failed for target dns:bridge:9091',
      'Name resolution failed for target dns:bridge:9091',
    ],
    ['the token is wrong', 'the token is wrong'],
  ])('%j: %s', (details, words) => {
    expect(describeStreamError(grpcError(details))).toBe(words);
  });

  it('falls back to the message, and to something at all', () => {
    expect(describeStreamError(grpcError(''))).toBe('14 UNAVAILABLE: ');
    expect(describeStreamError('x')).toBe('the link broke');
  });
});
