package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"net/url"
	"strings"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
)

const (
	podName = "echo"
	// More than any window or buffer on the way.
	streamedBytes = 4 << 20
)

func execOverWebSocket(ctx context.Context, s *session) (any, error) {
	return s.exec(ctx, func(address *url.URL) (remotecommand.Executor, error) {
		return remotecommand.NewWebSocketExecutor(s.config, http.MethodGet, address.String())
	})
}

func execOverSPDY(ctx context.Context, s *session) (any, error) {
	return s.exec(ctx, func(address *url.URL) (remotecommand.Executor, error) {
		return remotecommand.NewSPDYExecutor(s.config, http.MethodPost, address)
	})
}

// exec sends much through a command and back, and asks for an exit code.
func (s *session) exec(ctx context.Context,
	executorOf func(*url.URL) (remotecommand.Executor, error)) (any, error) {
	sent := someBytes()
	var out, errOut bytes.Buffer
	run := func(in io.Reader, command ...string) error {
		out.Reset()
		errOut.Reset()
		options := &v1.PodExecOptions{Command: command, Stdin: in != nil, Stdout: true, Stderr: true}
		request := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).
			Name(podName).SubResource("exec").VersionedParams(options, scheme.ParameterCodec)
		executor, err := executorOf(request.URL())
		if err != nil {
			return err
		}
		return executor.StreamWithContext(ctx, remotecommand.StreamOptions{
			Stdin: in, Stdout: &out, Stderr: &errOut,
		})
	}
	if err := run(bytes.NewReader(sent), "cat"); err != nil {
		return nil, err
	}
	isSame := bytes.Equal(out.Bytes(), sent)
	failed := run(nil, "sh", "-c", "echo out; echo err >&2; exit 7")
	return map[string]any{
		"isSame": isSame, "out": out.String(), "errOut": errOut.String(), "error": fmt.Sprint(failed),
	}, nil
}

// followLogs reads while the pod goes on writing.
func followLogs(ctx context.Context, s *session) (any, error) {
	options := &v1.PodLogOptions{Follow: true}
	stream, err := s.client.CoreV1().Pods(s.namespace).GetLogs(podName, options).Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var lines []string
	scanner := bufio.NewScanner(stream)
	for len(lines) < 3 && scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines, scanner.Err()
}

func forwardOverWebSocket(ctx context.Context, s *session) (any, error) {
	dialer, err := portforward.NewSPDYOverWebsocketDialer(s.portForwardURL(), s.config)
	if err != nil {
		return nil, err
	}
	return forward(ctx, dialer)
}

func forwardOverSPDY(ctx context.Context, s *session) (any, error) {
	transport, upgrader, err := spdy.RoundTripperFor(s.config)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: transport}
	return forward(ctx, spdy.NewDialer(upgrader, client, http.MethodPost, s.portForwardURL()))
}

func (s *session) portForwardURL() *url.URL {
	return s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).
		Name(podName).SubResource("portforward").URL()
}

// forward sends much to the pod's echo, three times at once.
func forward(ctx context.Context, dialer httpstream.Dialer) (any, error) {
	stop, ready := make(chan struct{}), make(chan struct{})
	var said strings.Builder
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{":7"}, stop, ready,
		io.Discard, &said)
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- forwarder.ForwardPorts() }()
	select {
	case err := <-ended:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-ready:
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return nil, err
	}
	const connections = 3
	results := make(chan string, connections)
	for range connections {
		go func() { results <- echo(ctx, fmt.Sprintf("127.0.0.1:%d", ports[0].Local)) }()
	}
	var all []string
	for range connections {
		all = append(all, <-results)
	}
	close(stop)
	return map[string]any{"echoes": all, "end": fmt.Sprint(<-ended), "errors": said.String()}, nil
}

func echo(ctx context.Context, address string) string {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { _ = connection.Close() })()
	sent := someBytes()
	go func() { _, _ = connection.Write(sent) }()
	received := make([]byte, len(sent))
	if _, err := io.ReadFull(connection, received); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("same: %t", bytes.Equal(sent, received))
}

// someBytes are the same each time, and of every value.
func someBytes() []byte {
	bytes := make([]byte, streamedBytes)
	// #nosec G404: seeded on purpose.
	_, _ = rand.New(rand.NewSource(1)).Read(bytes)
	return bytes
}
