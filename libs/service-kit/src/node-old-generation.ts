/** Bounds the garbage in V8's old generation, where what a program holds for long is kept. */
import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect the old generation when it has grown by so many percent over what lived after the last
 * collection. By default that is up to 300 while the program works hard, so that a program whose live
 * heap is large pays for it more than once. Takes effect with the next collection.
 */
export function boundOldGeneration(growthPercent: number): void {
  // Read by V8 at the end of each collection (heap/heap-controller.cc, GrowingFactor).
  setFlagsFromString(`--heap-growing-percent=${String(growthPercent)}`);
}
