/** What the agent shows on its local port: accounts, watches, version; Armory's paths. */
import { jsonReply, type HttpReply, type HttpRoute } from '@fairlead/service-kit';
import type { AccountReport } from './account-session.ts';

/** What the pages show. */
export interface AdminSources {
  /** Every account as it is now. */
  readonly reports: () => readonly AccountReport[];
  /** The program's version. */
  readonly version: string;
  /** State of the link. */
  readonly link: () => { readonly up: boolean; readonly bridge: string; readonly reason: string };
}

/** `/accounts`, `/watches` and `/version`. */
export function adminRoutes(sources: AdminSources): HttpRoute[] {
  return [
    { path: '/accounts', handle: (query) => accountsPage(sources.reports(), query) },
    { path: '/watches', handle: () => jsonReply(sources.reports().map(watchesOf)) },
    {
      path: '/version',
      handle: () =>
        jsonReply({ version: sources.version, node: process.version, link: sources.link() }),
    },
  ];
}

/**
 * Filters `name` and `state` (or Armory's `Config.Name`, `State.Name`), then `offset` and `limit`.
 */
function accountsPage(reports: readonly AccountReport[], query: URLSearchParams): HttpReply {
  const name = query.get('name') ?? query.get('Config.Name');
  const state = query.get('state') ?? query.get('State.Name');
  const offset = wholeNumber(query.get('offset'), 0);
  const limit = wholeNumber(query.get('limit'), Number.MAX_SAFE_INTEGER);
  if (offset === undefined || limit === undefined) {
    return jsonReply({ error: 'limit and offset must be whole numbers' }, 400);
  }
  const matching = reports.filter(
    (report) =>
      (name === null || report.name === name) &&
      (state === null || report.state === state.toLowerCase()),
  );
  const items = matching.slice(offset, offset + limit).map(accountOf);
  return jsonReply({ total: matching.length, items });
}

function accountOf(report: AccountReport): Record<string, unknown> {
  const feeds: Record<string, number> = {};
  for (const { status } of report.feeds) feeds[status.state] = (feeds[status.state] ?? 0) + 1;
  return {
    name: report.name,
    state: report.state,
    reason: report.reason,
    since: new Date(report.sinceMs).toISOString(),
    cluster: report.cluster ?? null,
    epoch: report.epoch,
    creditBytes: report.creditBytes,
    feeds,
  };
}

function watchesOf(report: AccountReport): Record<string, unknown> {
  return {
    account: report.name,
    state: report.state,
    feeds: report.feeds.map(({ feed, status }) => ({
      group: feed.group,
      version: feed.version,
      resource: feed.resource,
      kind: feed.kind,
      namespace: feed.namespace,
      state: status.state,
      reason: status.reason,
      since: new Date(status.sinceMs).toISOString(),
    })),
  };
}

function wholeNumber(text: string | null, otherwise: number): number | undefined {
  if (text === null) return otherwise;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
