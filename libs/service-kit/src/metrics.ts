/** Prometheus metrics of a process: one registry per process, default process metrics included. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { HttpRoute } from './http-server.ts';

/** A registry with the process's own metrics (CPU, memory, event loop, GC, file descriptors). */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
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
