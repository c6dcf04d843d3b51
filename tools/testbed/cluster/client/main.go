// Command client is an ordinary program on client-go: informers, watches, applying, electing a
// leader, commands, logs and ports of pods. It prints one JSON object: what each part has seen.
//
// The namespace must have a running pod "echo", whose container takes commands and declares port 7.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// session is what every part works with.
type session struct {
	config    *rest.Config
	client    kubernetes.Interface
	protobuf  kubernetes.Interface
	dynamic   dynamic.Interface
	namespace string
}

// part returns what it has seen, which must not depend on the way to the API server.
type part struct {
	name string
	run  func(context.Context, *session) (any, error)
}

var parts = []part{
	{"informers", seeThroughInformers},
	{"dynamicInformer", seeThroughDynamicInformer},
	{"watch", watchFromList},
	{"pages", listInPages},
	{"protobuf", speakProtobuf},
	{"apply", applyServerSide},
	{"election", electLeader},
	{"execWebSocket", execOverWebSocket},
	{"execSPDY", execOverSPDY},
	{"logs", followLogs},
	{"portForwardWebSocket", forwardOverWebSocket},
	{"portForwardSPDY", forwardOverSPDY},
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of the cluster")
	namespace := flag.String("namespace", "default", "to work in")
	timeout := flag.Duration("timeout", time.Minute, "for all parts together")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	seen, err := runAll(ctx, *kubeconfig, *namespace)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(seen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func runAll(ctx context.Context, kubeconfig, namespace string) (map[string]any, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 200, 400
	s := &session{config: config, namespace: namespace}
	if s.client, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	binary := rest.CopyConfig(config)
	binary.ContentType = "application/vnd.kubernetes.protobuf"
	binary.AcceptContentTypes = "application/vnd.kubernetes.protobuf"
	if s.protobuf, err = kubernetes.NewForConfig(binary); err != nil {
		return nil, err
	}
	if s.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	seen := map[string]any{}
	for _, part := range parts {
		if seen[part.name], err = part.run(ctx, s); err != nil {
			// The others may still tell something.
			seen[part.name] = map[string]string{"error": err.Error()}
		}
	}
	return seen, nil
}
