package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
)

// echoPort is the echo service's own (RFC 862); every other port that a pod declares speaks HTTP.
const echoPort = 7

// podPorts is what listens inside all pods: an echo and an HTTP server.
type podPorts struct {
	echo, http net.Listener
}

func servePodPorts(ctx context.Context) (*podPorts, error) {
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	web, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		_ = echo.Close()
		_ = web.Close()
	})
	go serveEcho(echo)
	server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(web) }()
	return &podPorts{echo, web}, nil
}

func serveEcho(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			_, _ = io.Copy(connection, connection)
		}()
	}
}

// answer says what was asked, and gives back what was sent.
func answer(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		fmt.Fprintf(w, "%s %s\n", r.Method, r.URL.RequestURI())
		return
	}
	_, _ = io.Copy(w, r.Body)
}

// of leads to the ports that one pod declares.
func (p *podPorts) of(pod *v1.Pod) podForwarder { return podForwarder{p, pod} }

type podForwarder struct {
	ports *podPorts
	pod   *v1.Pod
}

// PortForward copies both ways until both are through.
func (f podForwarder) PortForward(ctx context.Context, _, _ string, port int32,
	stream io.ReadWriteCloser) error {
	defer stream.Close()
	address, err := f.address(port)
	if err != nil {
		return err
	}
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer connection.Close()
	var both sync.WaitGroup
	both.Go(func() {
		_, _ = io.Copy(connection, stream)
		_ = connection.(*net.TCPConn).CloseWrite()
	})
	_, err = io.Copy(stream, connection)
	// The client's end of the stream is closed with ours; there is nothing more to copy.
	_ = stream.Close()
	both.Wait()
	return err
}

func (f podForwarder) address(port int32) (string, error) {
	for _, container := range f.pod.Spec.Containers {
		for _, declared := range container.Ports {
			switch {
			case declared.ContainerPort != port:
			case port == echoPort:
				return f.ports.echo.Addr().String(), nil
			default:
				return f.ports.http.Addr().String(), nil
			}
		}
	}
	return "", fmt.Errorf("failed to connect to localhost:%d inside namespace: connection refused", port)
}
