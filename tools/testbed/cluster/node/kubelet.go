package main

import (
	"fmt"
	"net/http"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// Of kubelets: pkg/kubelet/server, and containerd's own server behind it.
const (
	streamIdleTimeout     = 4 * time.Hour
	streamCreationTimeout = 30 * time.Second
)

// routes is what kube-apiserver asks kubelets for (pkg/registry/core/pod/strategy.go), and the
// metrics API, which it asks as an aggregated one.
func routes(n *node, ports *podPorts) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", n.serveLogs)
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", n.serveExec)
	mux.HandleFunc("/attach/{namespace}/{pod}/{container}", n.serveAttach)
	mux.HandleFunc("/portForward/{namespace}/{pod}", func(w http.ResponseWriter, r *http.Request) {
		n.servePortForward(w, r, ports)
	})
	addMetricsRoutes(mux, n)
	return mux
}

// podOf answers 404 itself, as kubelets do, when there is no such pod.
func (n *node) podOf(w http.ResponseWriter, r *http.Request) *v1.Pod {
	pod, err := n.pods.Pods(r.PathValue("namespace")).Get(r.PathValue("pod"))
	if err != nil {
		http.Error(w, fmt.Sprintf("pod %q does not exist", r.PathValue("pod")), http.StatusNotFound)
		return nil
	}
	return pod
}

// containerOf likewise.
func (n *node) containerOf(w http.ResponseWriter, r *http.Request) (*v1.Pod, *container) {
	pod := n.podOf(w, r)
	if pod == nil {
		return nil, nil
	}
	found := n.containers.find(pod.UID, r.PathValue("container"))
	if found == nil {
		http.Error(w, fmt.Sprintf("container %q not found in pod %q",
			r.PathValue("container"), pod.Name), http.StatusNotFound)
	}
	return pod, found
}

func (n *node) serveLogs(w http.ResponseWriter, r *http.Request) {
	pod, container := n.containerOf(w, r)
	if container == nil {
		return
	}
	options, err := logOptionsOf(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if options.Previous {
		http.Error(w, fmt.Sprintf("previous terminated container %q in pod %q not found",
			container.name, pod.Name), http.StatusBadRequest)
		return
	}
	// An error now is that the asker is gone.
	_ = container.log.copyTo(r.Context(), flushing{w, http.NewResponseController(w)}, options)
}

func (n *node) serveExec(w http.ResponseWriter, r *http.Request) {
	pod, container := n.containerOf(w, r)
	if container == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, container, pod.Name, string(pod.UID), container.name,
		r.URL.Query()["command"], options, streamIdleTimeout, streamCreationTimeout,
		remotecommand.SupportedStreamingProtocols)
}

func (n *node) serveAttach(w http.ResponseWriter, r *http.Request) {
	pod, container := n.containerOf(w, r)
	if container == nil {
		return
	}
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeAttach(w, r, container, pod.Name, string(pod.UID), container.name,
		options, streamIdleTimeout, streamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

func (n *node) servePortForward(w http.ResponseWriter, r *http.Request, ports *podPorts) {
	pod := n.podOf(w, r)
	if pod == nil {
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, ports.of(pod), pod.Name, string(pod.UID), options,
		streamIdleTimeout, streamCreationTimeout, portforward.SupportedProtocols)
}

// flushing lets each line go at once: somebody may be following.
type flushing struct {
	http.ResponseWriter
	controller *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	written, err := f.ResponseWriter.Write(p)
	if err == nil {
		err = f.controller.Flush()
	}
	return written, err
}
