import { Carry } from './carry.ts';

describe(Carry, () => {
  it('keeps what is appended, with a zero byte behind it', () => {
    const carry = new Carry();

    for (let i = 0; i < 3000; i++) carry.append(Buffer.from('abc'));

    expect(carry.content().toString()).toBe('abc'.repeat(3000));
    expect(carry.bytes[carry.length]).toBe(0);
  });

  it('overwrites the buffer that it leaves when it grows', () => {
    const carry = new Carry();
    carry.append(Buffer.from('secret'));
    const left = carry.bytes;

    carry.append(Buffer.alloc(100_000, 'x'));

    expect(left.every((byte) => byte === 0)).toBe(true);
  });

  it('overwrites its content when it is cleared, and gives a large buffer back', () => {
    const carry = new Carry();
    carry.append(Buffer.alloc(100_000, 'secret'));
    const used = carry.bytes;

    carry.clear();

    expect(used.every((byte) => byte === 0)).toBe(true);
    expect(carry.bytes).toHaveLength(0);
    expect(carry.length).toBe(0);
  });
});
