import { slot } from './kernel.ts';
import type { ScanKernel } from './kernel.ts';
import { createTypescriptKernel } from './typescript-kernel.ts';
import { createWasmKernel } from './wasm-kernel.ts';

const makers: [string, () => ScanKernel][] = [
  ['wasm', createWasmKernel],
  ['typescript', createTypescriptKernel],
];

describe.each(makers)('the %s kernel', (_, create) => {
  it('scans objects larger than the window it starts with, and gives the memory back', () => {
    const kernel = create();
    const first = kernel.bytes.length;
    const object = Buffer.from(`{"metadata":{"name":"n"},"a":"${'x'.repeat(3_000_000)}"}`);
    kernel.load(object);

    expect(kernel.scanObject(0, object.length, 'strict')).toBe('complete');
    expect(kernel.fields[slot.end]).toBe(object.length);
    kernel.wipe();
    expect(kernel.bytes).toHaveLength(first);
  });

  it('leaves nothing behind of what was loaded', () => {
    const kernel = create();
    kernel.load(Buffer.alloc(50_000, 'secret'));
    const { bytes } = kernel;

    kernel.wipe();

    expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('does not look behind the end it is given', () => {
    const kernel = create();
    const whole = '{"metadata":{"name":"n","uid":"u"}}';
    kernel.load(Buffer.from(`${whole}${whole}`));
    const statuses = [];

    for (let end = whole.length; end > 0; end--) {
      kernel.bytes[end] = 0;
      statuses.push(kernel.scanObject(0, end, 'strict'));
    }

    expect(statuses).toEqual([
      'complete',
      ...Array.from({ length: whole.length - 1 }, () => 'incomplete'),
    ]);
  });

  it('stops at a line feed when only one line is meant', () => {
    const kernel = create();
    const text = '{"metadata":{"name":"n"},"a":[\n1]}';
    kernel.load(Buffer.from(text));

    expect(kernel.scanObject(0, text.length, 'outline')).toBe('complete');
    expect(kernel.scanObject(0, text.length, 'lineOutline')).toBe('malformed');
    expect(kernel.fields[slot.end]).toBe(text.indexOf('\n'));
  });

  it('takes only ordinary objects of the feed in batches', () => {
    const kernel = create();
    const head = Buffer.from('"kind":"Pod","apiVersion":"v1",');
    const type = { kind: Buffer.from('Pod'), apiVersion: Buffer.from('v1'), head };
    const named = '"metadata":{"name":"n"}';
    const taken = (object: string) => {
      const line = `{"type":"DELETED","object":${object}}\n`;
      kernel.load(Buffer.from(line));
      kernel.setFeed({ ...type, managedFields: 'cut', maxObjectBytes: 100 });
      const { count, next, bytes } = kernel.takeLines(0, line.length);
      expect(next).toBe(count === 1 ? line.length : 0);
      return bytes.toString();
    };

    const whole = `{"kind":"Pod","apiVersion":"v1",${named}}`;
    expect(taken(whole)).toBe(whole);
    expect(taken(`{${named}}`)).toBe(whole);
    for (const other of [
      `{"kind":"Secret","apiVersion":"v1",${named}}`,
      `{"kind":"Pod","apiVersion":"v2",${named}}`,
      `{"kind":"Pod",${named}}`,
      `{"kind":"P\\u006fd","apiVersion":"v1",${named}}`,
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":""}}',
      '{"kind":"Pod","apiVersion":"v1","metadata":{}}',
      `{"kind":"Pod","apiVersion":"v1",${named},"a":"${'x'.repeat(50)}"}`,
      `{"kind":"Pod","apiVersion":"v1",${named},"kind":"Pod"}`,
    ]) {
      expect(taken(other)).toBe('');
    }
  });

  it('notes positions of identity and cuts', () => {
    const kernel = create();
    const text = '{"kind":"K","metadata":{"managedFields":[],"name":"é"},"data":{"a":1,"b":2}}';
    kernel.load(Buffer.from(text, 'latin1'));
    const utf8 = Buffer.from(text);
    kernel.load(utf8);

    kernel.scanObject(0, utf8.length, 'strict');

    const span = (id: number) => utf8.toString('utf8', kernel.fields[id], kernel.fields[id + 1]);
    expect(span(slot.kind)).toBe('K');
    expect(span(slot.name)).toBe('é');
    expect(span(slot.managedFields)).toBe('"managedFields":[],');
    expect(span(slot.data)).toBe(',"data":{"a":1,"b":2}');
    expect(kernel.fields[slot.values]).toBe(2);
    expect(kernel.fields[slot.plain]).toBe(1 << slot.kind);
  });
});
