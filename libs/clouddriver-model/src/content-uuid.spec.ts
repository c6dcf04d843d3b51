import { contentUuid } from './content-uuid.ts';
import { hash } from 'node:crypto';

describe(contentUuid, () => {
  it('prints the first 128 bits of the hash in base 32', () => {
    const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    for (let index = 0; index < 200; index += 1) {
      const content = `content ${index}`;

      const value = Array.from(contentUuid(content)).reduce(
        (sum, digit) => sum * 32n + BigInt(digits.indexOf(digit)),
        0n,
      );

      expect(value.toString(16).padStart(32, '0')).toBe(hash('sha256', content).slice(0, 32));
      expect(contentUuid(content)).toHaveLength(26);
    }
  });
});
