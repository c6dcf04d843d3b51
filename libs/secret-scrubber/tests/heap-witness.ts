/**
 * Runs alone in a process: scans Secrets, and objects with values to redact, that hold a marker which
 * is only ever made as bytes, and prints whether the marker's bytes stand anywhere in a snapshot of
 * the heap, where every string and every key of every object is. A string put there on purpose shows
 * that it would be found.
 */
import { getHeapSnapshot } from 'node:v8';
import { createListScanner, createWatchScanner } from '../src/index.ts';
import type { KernelName } from '../src/index.ts';

/** Bytes of a text that stands nowhere in this file: each letter moved by one. */
function shifted(text: string): Buffer {
  return Buffer.from(text).map((c) => c + 1) as Buffer;
}

const marker = shifted('vmsntbhakdr`kt');
const control = shifted('bnmsqnkrsqhmf');
const kept: unknown[] = [control.toString('latin1')];

function secret(): Buffer {
  return Buffer.concat([
    Buffer.from('{"metadata":{"name":"s","annotations":{"a":"b",'),
    Buffer.from('"kubectl.kubernetes.io/last-applied-configuration":"{'),
    marker,
    Buffer.from('}"}},"stringData":{"k":"'),
    marker,
    Buffer.from('"},"\\u0064ata":{"k":"'),
    marker,
    Buffer.from('"}}'),
  ]);
}

function cronTab(): Buffer {
  return Buffer.concat([
    Buffer.from('{"metadata":{"name":"c","annotations":{"a":"b","c":"'),
    marker,
    Buffer.from('"}},"spec":{"\\u0065nv":[{"name":"d","value":"'),
    marker,
    Buffer.from('"},{"value":{"deep":["'),
    marker,
    Buffer.from('"]}}]}}'),
  ]);
}

function scanRedacted(kernel: KernelName): void {
  const redact = ['.spec.env[*].value', '.metadata.annotations.c'];
  const feed = { apiVersion: 'example.com/v1', kind: 'CronTab', kernel };
  const line = Buffer.concat([
    Buffer.from('{"type":"ADDED","object":'),
    cronTab(),
    Buffer.from('}\n'),
  ]);
  for (const size of [7, 4096]) {
    const watch = createWatchScanner({ ...feed, redact, readAnnotations: ['a', 'c'] });
    for (let p = 0; p < line.length; p += size) {
      const events = watch.push(line.subarray(p, p + size));
      for (const event of events) if ('object' in event) kept.push(event.object.annotations);
      kept.push(events, watch);
    }
  }
}

function scanAll(kernel: KernelName): void {
  const options = {
    apiVersion: 'v1',
    kind: 'Secret',
    kernel,
    readAnnotations: ['a', 'kubectl.kubernetes.io/last-applied-configuration'],
  };
  const list = Buffer.concat([
    Buffer.from('{"kind":"SecretList","items":['),
    secret(),
    Buffer.from(']}'),
  ]);
  const line = Buffer.concat([
    Buffer.from('{"type":"ADDED","object":'),
    secret(),
    Buffer.from('}\n'),
  ]);
  for (const size of [7, 4096]) {
    const lists = createListScanner(options);
    const watch = createWatchScanner(options);
    for (let p = 0; p < list.length; p += size) kept.push(lists.push(list.subarray(p, p + size)));
    for (let p = 0; p < line.length; p += size) kept.push(watch.push(line.subarray(p, p + size)));
    kept.push(watch.push(line.subarray(0, line.length - 30)), lists, watch);
  }
}

for (const kernel of ['wasm', 'typescript'] as const) {
  scanAll(kernel);
  scanRedacted(kernel);
}
let tail = Buffer.alloc(0);
const found = { marker: false, control: false };
for await (const chunk of getHeapSnapshot() as AsyncIterable<Buffer>) {
  const text = Buffer.concat([tail, chunk]);
  found.marker ||= text.includes(marker);
  found.control ||= text.includes(control);
  tail = text.subarray(-64);
}
process.stdout.write(JSON.stringify({ ...found, kept: kept.length }));
