/**
 * The guard before an account's API server: what the account's own configuration does not allow is
 * not sent, whatever the bridge asks, and no secret value leaves. What runs already is ended when a
 * change of the configuration forbids it.
 */
import {
  ApiTunnelError,
  readRequestInfo,
  statusResponse,
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  type RequestInfo,
} from '@fairlead/api-tunnel';
import type { OperationsConfig } from '../operations-config.ts';
import { GuardedExchange } from './guarded-exchange.ts';
import { isAllowed, refusalMessage, type AskedOperation } from './operations-policy.ts';
import { isAboutSecrets, mayPassSecrets, planScrubbing, type ScrubPlan } from './scrub-plan.ts';
import { scrubbedAnswer } from './scrubbed-answer.ts';
import { checkSecretWrite, isSecretReplaced } from './secret-write.ts';

/**
 * Why something was not done: `ambiguous` requests can be read in more than one way, `operations` does
 * not allow them, `form` is one in which secret values cannot be found (or a Secret is written back without any), `withheld` answers were not what
 * they should be, `ended` exchanges are no longer allowed.
 */
export type GuardRefusal = 'ambiguous' | 'operations' | 'form' | 'withheld' | 'ended';

/** Kind of a resource, and what is redacted in it. */
export type RedactedPathsOf = (
  info: RequestInfo,
) => Promise<{ readonly kind: string; readonly paths: readonly string[] } | undefined>;

/** What a guard works with. */
export interface GuardedApiDeps {
  /** Name of the account. */
  readonly account: string;
  /** Its API server. */
  readonly api: ApiHandler;
  /** What `scrubbing.redact` says of a resource; rejects when nobody knows. */
  readonly redactedPathsOf: RedactedPathsOf;
  /** Something was not done. */
  readonly onRefusal: (refusal: GuardRefusal) => void;
}

/** A guard, and the exchanges that it let through. */
export class GuardedApi {
  readonly #deps: GuardedApiDeps;
  readonly #running = new Set<GuardedExchange>();
  #operations: OperationsConfig;

  constructor(deps: GuardedApiDeps, operations: OperationsConfig) {
    this.#deps = deps;
    this.#operations = operations;
  }

  /** Answers requests. */
  readonly handle: ApiHandler = async (request) => {
    const reading = readRequestInfo(request);
    if (reading.kind === 'ambiguous') {
      return this.#refuse('ambiguous', 400, `refuses the request: ${reading.reason}`);
    }
    const { info } = reading;
    const asked = { info, method: request.method, isUpgrade: request.upgrade !== '' };
    const exchange: GuardedExchange = new GuardedExchange(asked, {
      asker: request.signal,
      onEnd: () => this.#running.delete(exchange),
    });
    this.#running.add(exchange);
    try {
      return exchange.following(await this.#answer(request, exchange));
    } catch (error: unknown) {
      exchange.finish();
      throw exchange.translated(error);
    }
  };

  /** Takes over what is allowed from now on; ends what no longer is. */
  reconfigure(operations: OperationsConfig): void {
    this.#operations = operations;
    for (const exchange of this.#running) {
      const { asked, hasPassedSecrets } = exchange;
      const isRefused =
        !isAllowed(asked, operations.allow) ||
        (hasPassedSecrets && !mayPassSecrets(asked.info, operations.secrets));
      if (!isRefused) continue;
      this.#deps.onRefusal('ended');
      exchange.end(endedError(this.#deps.account));
    }
  }

  async #answer(request: ApiRequest, exchange: GuardedExchange): Promise<ApiResponse> {
    const { asked } = exchange;
    const plan = await this.#plan(request, asked);
    // Looked at last: the configuration may have changed while the kind was asked for.
    const { allow } = this.#operations;
    if (!isAllowed(asked, allow)) {
      this.#deps.onRefusal('operations');
      const message = refusalMessage(asked, this.#deps.account, allow);
      return statusResponse({ status: 403, message });
    }
    if (plan.kind === 'refuse') {
      return this.#refuse('form', 406, `refuses the request: ${plan.message}`);
    }
    if (plan.kind === 'filter') return this.#filtered(request, exchange, plan);
    exchange.hasPassedSecrets = isAboutSecrets(asked.info);
    return this.#deps.api({ ...request, signal: exchange.signal });
  }

  async #filtered(
    request: ApiRequest,
    exchange: GuardedExchange,
    { headers, filter }: ScrubPlan & { kind: 'filter' },
  ): Promise<ApiResponse> {
    let sent: ApiRequest = { ...request, headers, signal: exchange.signal };
    if (filter.objects === 'secrets' && isSecretReplaced(request, exchange.asked.info)) {
      const write = await checkSecretWrite(sent);
      if (write.kind === 'refuse') {
        this.#deps.onRefusal('form');
        return write.response;
      }
      sent = write.request;
    }
    const onWithheld = (): void => this.#deps.onRefusal('withheld');
    const { method } = request;
    return scrubbedAnswer(await this.#deps.api(sent), { method, filter, onWithheld });
  }

  async #plan(request: ApiRequest, { info, isUpgrade }: AskedOperation): Promise<ScrubPlan> {
    const redacted = info.isResourceRequest ? await this.#deps.redactedPathsOf(info) : undefined;
    const { headers } = request;
    return planScrubbing({ info, headers, isUpgrade, redacted }, this.#operations.secrets);
  }

  #refuse(refusal: GuardRefusal, status: number, what: string): ApiResponse {
    this.#deps.onRefusal(refusal);
    return statusResponse({ status, message: `Fairlead's agent ${what}` });
  }
}

function endedError(account: string): ApiTunnelError {
  const message = `the agent's configuration of the account ${account} no longer allows it`;
  return new ApiTunnelError('interrupted', message, { mayHaveRun: true });
}
