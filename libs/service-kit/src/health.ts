/**
 * What is well and what is not, with reasons: conditions set by the parts of a process, read by
 * Kubernetes probes and people.
 */
import type { HttpReply, HttpRoute } from './http-server.ts';

/** What a failing condition means for the process. */
export type ConditionImpact =
  /** The process should be restarted: `/health` and `/health/live` fail. */
  | 'liveness'
  /** The process should get no work: `/health/ready` fails. */
  | 'readiness'
  /** Something is wrong that neither restarting nor withholding work would mend. */
  | 'notice';

/** State of one condition. */
export interface HealthCondition {
  /** Unique name, e.g. `link` or `account prod-eu`. */
  readonly name: string;
  /** What its failure means. */
  readonly impact: ConditionImpact;
  /** Whether it holds. */
  readonly isHealthy: boolean;
  /** Why not; `''` when it holds. */
  readonly reason: string;
  /** Since when it is so, milliseconds since 1970. */
  readonly sinceMs: number;
}

/** A condition as its owner states it. */
export type ConditionReport = Omit<HealthCondition, 'sinceMs' | 'name'>;

/** The conditions of a process. */
export class HealthRegistry {
  readonly #conditions = new Map<string, HealthCondition>();
  readonly #clock: { nowMs(): number };

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock;
  }

  /** States a condition; `sinceMs` moves only when health changes. */
  set(name: string, report: ConditionReport): void {
    const before = this.#conditions.get(name);
    const isSame = before?.isHealthy === report.isHealthy;
    const sinceMs = isSame ? before.sinceMs : this.#clock.nowMs();
    this.#conditions.set(name, { name, ...report, sinceMs });
  }

  /** Forgets a condition whose subject is gone. */
  remove(name: string): void {
    this.#conditions.delete(name);
  }

  /** Every condition, by name. */
  conditions(): readonly HealthCondition[] {
    return [...this.#conditions.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Whether no condition of this impact (or of liveness, which is worse) fails. */
  isHealthy(impact: 'liveness' | 'readiness'): boolean {
    return this.conditions().every(
      (condition) =>
        condition.isHealthy ||
        condition.impact === 'notice' ||
        (impact === 'liveness' && condition.impact === 'readiness'),
    );
  }
}

/** Paths of the three probes. */
export interface HealthPaths {
  /** All conditions; fails with liveness. */
  readonly all: string;
  /** Liveness probe. */
  readonly live: string;
  /** Readiness probe. */
  readonly ready: string;
}

/** The probes as routes: 200 or 503, with every condition in the body. */
export function healthRoutes(
  health: HealthRegistry,
  paths: HealthPaths = { all: '/health', live: '/health/live', ready: '/health/ready' },
): HttpRoute[] {
  return [
    { path: paths.all, handle: () => healthReply(health, 'liveness') },
    { path: paths.live, handle: () => healthReply(health, 'liveness') },
    { path: paths.ready, handle: () => healthReply(health, 'readiness') },
  ];
}

function healthReply(health: HealthRegistry, impact: 'liveness' | 'readiness'): HttpReply {
  const isUp = health.isHealthy(impact);
  const conditions = health.conditions();
  const isDegraded = conditions.some((condition) => !condition.isHealthy);
  const status = isUp ? (isDegraded ? 'degraded' : 'up') : 'down';
  const body = {
    status,
    conditions: conditions.map(({ name, impact: of, isHealthy, reason, sinceMs }) => ({
      name,
      impact: of,
      healthy: isHealthy,
      reason,
      since: new Date(sinceMs).toISOString(),
    })),
  };
  return { status: isUp ? 200 : 503, contentType: 'application/json', body: JSON.stringify(body) };
}
