import { AgentTunnelMessage, BridgeTunnelMessage } from './gen/fairlead/v1/tunnel.ts';
import { encodeAgentTunnelMessage, encodeBridgeTunnelMessage } from './tunnel-service.ts';

const sizes = [0, 1, 127, 128, 16_383, 16_384, 65_536, 2_097_152];

describe(encodeAgentTunnelMessage, () => {
  it.each(sizes)('is what the generated decoder reads, with %d bytes of a body', (size) => {
    const message: AgentTunnelMessage = {
      ...{ hello: undefined, failure: undefined, working: false, end: true },
      response: { status: 200, headers: ['content-type', 'text/plain'] },
      data: Buffer.alloc(size, 7),
    };

    const { data, ...rest } = AgentTunnelMessage.decode(encodeAgentTunnelMessage(message));

    expect(Buffer.compare(data, message.data)).toBe(0);
    expect({ ...rest, data: message.data }).toEqual(message);
  });
});

describe(encodeBridgeTunnelMessage, () => {
  it.each(sizes)('is what the generated decoder reads, with %d bytes of a body', (size) => {
    const message: BridgeTunnelMessage = {
      request: { account: 'a', method: 'PUT', target: '/', headers: [], upgrade: '', caller: 'c' },
      ...{ end: false, data: Buffer.alloc(size, 9) },
    };

    const { data, ...rest } = BridgeTunnelMessage.decode(encodeBridgeTunnelMessage(message));

    expect(Buffer.compare(data, message.data)).toBe(0);
    expect({ ...rest, data: message.data }).toEqual(message);
  });
});
