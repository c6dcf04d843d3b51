/** One live exchange as a stream of an HTTP/2 session. */
import { constants, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import { liveResponseHeaders } from './live-headers.ts';
import { pumpBody } from './node-body-pump.ts';
import type { NodeHttp2Session } from './node-http2-session.ts';
import { NotExecuted, type LiveSend } from './node-live-send.ts';
import { abortedError, headersTimeoutError, type IncomingResponse } from './node-transport.ts';

/**
 * Sends it on `session`, where a stream is reserved. Rejects with {@link NotExecuted} when the server
 * has not looked at it, else with an error that says that it may have run.
 */
export async function exchangeOverHttp2(
  session: NodeHttp2Session,
  request: LiveSend,
): Promise<IncomingResponse> {
  const stream = openStream(session, request);
  const headers = await headOf(stream, request);
  return {
    status: Number(headers[':status'] ?? 0),
    headers: liveResponseHeaders(headers, 'ordinary'),
    stream,
    // A reset stream can look like one that ended.
    isWhole: () => stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted,
    certificateFingerprint: session.certificateFingerprint,
  };
}

function openStream(session: NodeHttp2Session, request: LiveSend): ClientHttp2Stream {
  const { method, path, headers, body, signal } = request;
  let stream: ClientHttp2Stream;
  try {
    stream = session.http2.request(
      { ...headers, ...lengthOf(request), ':method': method, ':path': path },
      { endStream: body === undefined },
    );
  } catch (error: unknown) {
    session.release();
    // Most likely the session ended between the look at it and now.
    throw new NotExecuted(ClusterClientError.from(error, 'unreachable'));
  }
  const abort = (): void => void stream.destroy(abortedError());
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => {
    signal.removeEventListener('abort', abort);
    session.release();
  });
  // Stays: an error of the body reaches its reader, and nobody else need listen.
  stream.on('error', ignoreStreamError);
  if (body instanceof Uint8Array) stream.end(body);
  else if (body !== undefined) {
    void pumpBody(stream, { chunks: body, lengthBytes: request.lengthBytes });
  }
  return stream;
}

function lengthOf({ body, lengthBytes }: LiveSend): Record<string, string> {
  const known = body instanceof Uint8Array ? body.length : lengthBytes;
  return body === undefined || known === undefined ? {} : { 'content-length': String(known) };
}

function ignoreStreamError(): void {
  // Its reader has been told.
}

/** Leaves nothing behind on the stream: it may be a watch that lasts for an hour. */
function headOf(stream: ClientHttp2Stream, request: LiveSend): Promise<IncomingHttpHeaders> {
  const { headersTimeoutMs } = request;
  return new Promise((resolve, reject) => {
    const giveUp = (): void => void stream.destroy(headersTimeoutError(headersTimeoutMs));
    const timer = headersTimeoutMs > 0 ? setTimeout(giveUp, headersTimeoutMs) : undefined;
    const onResponse = (headers: IncomingHttpHeaders): void => settle(() => resolve(headers));
    const onError = (error: Error): void => settle(() => reject(faultOf(stream, error)));
    const onClose = (): void => settle(() => reject(faultOf(stream, undefined)));
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      stream.off('response', onResponse).off('error', onError).off('close', onClose);
      act();
    };
    stream.on('response', onResponse).on('error', onError).on('close', onClose);
  });
}

/** What ended a stream before anything was answered on it. */
function faultOf(stream: ClientHttp2Stream, error: Error | undefined): Error {
  const fault = ClusterClientError.from(
    foreignToUs(error) ? connectionClosed() : error,
    'unreachable',
  );
  // Also what nghttp2 closes streams with that are above the last one of a GOAWAY.
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) return new NotExecuted(fault);
  return fault.ofRequestSent();
}

function foreignToUs(error: Error | undefined): boolean {
  return error === undefined || systemCodeOf(error).startsWith('ERR_HTTP2_');
}

function connectionClosed(): ClusterClientError {
  return new ClusterClientError('interrupted', 'the connection was closed before the answer');
}
