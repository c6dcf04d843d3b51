// Command node stands in for a node of a cluster, its scheduler and its metrics server: it takes
// every pod, runs the commands of its containers as processes of this machine in folders of their
// own (images are not looked at), and serves what kube-apiserver asks kubelets for.
//
// Start reading at run; pods.go says what becomes of a pod, kubelet.go what is served.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

type options struct {
	kubeconfig, name, listen, directory    string
	certificateFile, keyFile, clientCAFile string
}

func main() {
	var o options
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "of an administrator of the cluster")
	flag.StringVar(&o.name, "name", "node-1", "of the node")
	flag.StringVar(&o.listen, "listen", "", "ADDRESS:PORT where kube-apiserver reaches the kubelet")
	flag.StringVar(&o.directory, "directory", "", "where containers have their folders")
	flag.StringVar(&o.certificateFile, "certificate", "", "of the server, PEM")
	flag.StringVar(&o.keyFile, "key", "", "of the server, PEM")
	flag.StringVar(&o.clientCAFile, "client-ca", "", "whose clients may ask anything, PEM")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	// A test makes many pods at once; the default is five requests a second.
	config.QPS, config.Burst = 200, 400
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	listener, err := listen(o)
	if err != nil {
		return err
	}
	containers := newContainers(o.directory)
	defer containers.stopAll()
	ports, err := servePodPorts(ctx)
	if err != nil {
		return err
	}
	node := newNode(o.name, listener.Addr().(*net.TCPAddr), client, containers)
	server := &http.Server{Handler: routes(node, ports), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	go func() { failed <- node.run(ctx) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	if closeErr := server.Close(); closeErr != nil {
		err = errors.Join(err, closeErr)
	}
	return err
}

// listen lets nobody in without a certificate: what is served runs commands.
func listen(o options) (net.Listener, error) {
	certificate, err := tls.LoadX509KeyPair(o.certificateFile, o.keyFile)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(o.clientCAFile)
	if err != nil {
		return nil, err
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("no certificate in %s", o.clientCAFile)
	}
	return tls.Listen("tcp", o.listen, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientCAs:    clients,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		// SPDY upgrades a connection of HTTP/1.1.
		NextProtos: []string{"http/1.1"},
		MinVersion: tls.VersionTLS12,
	})
}
