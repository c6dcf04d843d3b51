import { Client } from 'pg';
import { textArray } from './binary-array.ts';

const items = ['ä', Buffer.from('xyz'), ''];
const hex =
  ['00000001', '00000000', '00000019', '00000003', '00000001'].join('') +
  '00000002c3a4' +
  '0000000378797a' +
  '00000000';

describe(textArray, () => {
  it('copies the header, then each element with its length', () => {
    const array = textArray(items);
    const message = Buffer.alloc(array.length + 2, '-');

    array.copy(message, 1);

    expect(message.subarray(1, -1).toString('hex')).toBe(hex);
    expect([message.at(0), message.at(-1)]).toEqual([0x2d, 0x2d]);
  });

  it('is sent by the driver as a binary parameter', () => {
    const sent: Buffer[] = [];
    const client = new Client();
    const { connection } = client as unknown as {
      readonly connection: { stream: unknown; bind(config: object): void };
    };
    connection.stream = { writable: true, write: (chunk: Buffer) => sent.push(chunk) };

    connection.bind({ statement: 's', values: ['text', textArray(items)] });

    const formats = ['0002', '0000', '0001'].join('');
    const texts = `00000004${Buffer.from('text').toString('hex')}`;
    const array = `${(hex.length / 2).toString(16).padStart(8, '0')}${hex}`;
    expect(Buffer.concat(sent).toString('hex')).toContain(`${formats}0002${texts}${array}`);
  });

  it('cannot be taken for a buffer by anybody else', () => {
    const array = textArray(items);

    expect(() => array.toString('hex')).toThrow('incompatible receiver');
    expect(() => array.subarray(0)).toThrow('incompatible receiver');
    expect(() => Buffer.concat([array])).toThrow('must be an instance of Buffer');
  });
});
