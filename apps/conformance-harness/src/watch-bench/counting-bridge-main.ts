/**
 * A bridge without a database: speaks the real protocol, acknowledges every batch at once, counts
 * deltas and looks whether any is missing, twice, or out of order. An account is fed when it is asked for.
 */
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type AgentMessage,
  batchLimits,
  type BridgeMessage,
  codecToWire,
  heartbeatMs,
  linkServerOptions,
  type LinkServiceServer,
  LinkServiceService,
  maxMessageBytes,
  negotiateCodec,
} from '@fairlead/protocol';
import { answerQuestions } from './child-process.ts';
import { CountedAccounts } from './counted-accounts.ts';
import { type Wanted } from './delta-tally.ts';

type Call = ServerDuplexStream<AgentMessage, BridgeMessage>;
type Body = NonNullable<BridgeMessage['message']>;

const accounts = new CountedAccounts();
let call: Call | undefined;
const send = (message: Body): void => void call?.write({ message });

const service: LinkServiceServer = {
  link: (opened) => {
    call = opened;
    opened.on('data', ({ message }: AgentMessage) => {
      if (message !== undefined) receive(message);
    });
    opened.on('error', () => opened.end());
    opened.on('end', () => opened.end());
    setInterval(
      () => send({ $case: 'heartbeat', value: { sentAtMs: Date.now() } }),
      heartbeatMs,
    ).unref();
  },
};

function receive(message: NonNullable<AgentMessage['message']>): void {
  if (message.$case === 'hello') {
    const codec = codecToWire(negotiateCodec(message.value.codecs));
    const limits = { maxMessageBytes, maxBatchBytes: batchLimits.maxBatchBytes, heartbeatMs };
    const value = {
      protocolVersion: 1,
      codec,
      bridgeId: 'counting',
      capabilities: [],
      tunnelTicket: '',
      accountNames: [],
      ...limits,
    };
    send({ $case: 'welcome', value });
    return;
  }
  for (const answer of accounts.receive(message)) send(answer);
}

answerQuestions({
  listen: async () => {
    const server = new Server(linkServerOptions);
    server.addService(LinkServiceService, service);
    return new Promise((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  },
  follow: async (account: string) => {
    for (const answer of await accounts.accept(account)) send(answer);
  },
  until: ({ account, ...wanted }: Wanted & { account: string }) =>
    accounts.tallyOf(account).until(wanted),
  acceptAll: () => accounts.acceptAll(),
  totals: () => accounts.totals,
  leave: (account: string) => {
    for (const answer of accounts.revoke(account)) send(answer);
  },
});
