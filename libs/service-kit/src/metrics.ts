/** Prometheus metrics of a process: one registry per process, default process metrics included. */
import { totalmem } from 'node:os';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { neverMs, replaceEventLoopLag } from './event-loop-lag.ts';
import type { HttpRoute } from './http-server.ts';

/** Whose metrics they are. */
export interface MetricsRegistryOptions {
  /** Such as `fairlead-agent`: the label `program` of what every process measures of itself. */
  readonly program: string;
  /** The program's version. */
  readonly version: string;
}

/**
 * A registry with the process's own metrics (CPU, memory and its limit, event loop, GC, file
 * descriptors) and `fairlead_build_info`. Their label `program` tells them from those of the other
 * program, and of every other process on Node.js.
 */
export function createMetricsRegistry({ program, version }: MetricsRegistryOptions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({
    ...{ register: registry, labels: { program } },
    eventLoopMonitoringPrecision: neverMs,
  });
  replaceEventLoopLag(registry, { program });
  new Gauge({
    name: 'process_memory_limit_bytes',
    help: 'Memory that the process may use: of its control group, else of the machine.',
    labelNames: ['program'],
    registers: [registry],
  }).set({ program }, memoryLimitBytes());
  new Gauge({
    name: 'fairlead_build_info',
    help: 'Always 1; its labels say which program in which version runs.',
    labelNames: ['program', 'version'],
    registers: [registry],
  }).set({ program, version }, 1);
  return registry;
}

/** `GET` of the registry in Prometheus' text format at each of `paths`. */
export function metricsRoutes(registry: Registry, paths: readonly string[]): HttpRoute[] {
  return paths.map((path) => ({
    path,
    handle: async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  }));
}

/** Without a limit Node.js says 0, or a number of bytes that no machine has. */
function memoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
