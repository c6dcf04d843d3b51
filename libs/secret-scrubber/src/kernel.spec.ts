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
