package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// tally is how often each kind of event came.
type tally struct {
	Added, Updated, Deleted int
	// Known is what the informer's own cache holds in the end.
	Known []string
}

type counter struct {
	mutex sync.Mutex
	tally tally
}

func (c *counter) handlers() cache.ResourceEventHandlerFuncs {
	count := func(field *int) {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		*field++
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { count(&c.tally.Added) },
		UpdateFunc: func(any, any) { count(&c.tally.Updated) },
		DeleteFunc: func(any) { count(&c.tally.Deleted) },
	}
}

// until waits for as many events as are expected, or the end of the context.
func (c *counter) until(ctx context.Context, added, updated, deleted int) tally {
	for {
		c.mutex.Lock()
		now := c.tally
		c.mutex.Unlock()
		if now.Added >= added && now.Updated >= updated && now.Deleted >= deleted {
			return now
		}
		select {
		case <-ctx.Done():
			return now
		case <-time.After(10 * time.Millisecond):
		}
	}
}

const (
	created, updated, deleted = 20, 8, 5
	label                     = "client.example.com/part"
)

// seeThroughInformers makes half of the objects before the informer starts, half while it runs.
func seeThroughInformers(ctx context.Context, s *session) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.makeConfigMaps(ctx, "typed", 0, created/2); err != nil {
		return nil, err
	}
	only := informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = label + "=typed" })
	factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0,
		informers.WithNamespace(s.namespace), only)
	informer := factory.Core().V1().ConfigMaps().Informer()
	return s.count(ctx, "typed", informer, func() { factory.StartWithContext(ctx) })
}

func seeThroughDynamicInformer(ctx context.Context, s *session) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := s.makeConfigMaps(ctx, "dynamic", 0, created/2); err != nil {
		return nil, err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(s.dynamic, 0, s.namespace,
		func(o *metav1.ListOptions) { o.LabelSelector = label + "=dynamic" })
	resource := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
	informer := factory.ForResource(resource).Informer()
	return s.count(ctx, "dynamic", informer, func() { factory.Start(ctx.Done()) })
}

func (s *session) count(ctx context.Context, part string, informer cache.SharedIndexInformer,
	start func()) (any, error) {
	var counter counter
	if _, err := informer.AddEventHandler(counter.handlers()); err != nil {
		return nil, err
	}
	start()
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, fmt.Errorf("never synced")
	}
	if err := s.makeConfigMaps(ctx, part, created/2, created); err != nil {
		return nil, err
	}
	counter.until(ctx, created, 0, 0)
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	for index := range updated {
		patch := []byte(`{"data":{"changed":"yes"}}`)
		_, err := maps.Patch(ctx, configMapName(part, index), "application/merge-patch+json", patch,
			metav1.PatchOptions{})
		if err != nil {
			return nil, err
		}
	}
	for index := range deleted {
		if err := maps.Delete(ctx, configMapName(part, index), metav1.DeleteOptions{}); err != nil {
			return nil, err
		}
	}
	seen := counter.until(ctx, created, updated, deleted)
	seen.Known = informer.GetStore().ListKeys()
	slices.Sort(seen.Known)
	return seen, nil
}

func (s *session) makeConfigMaps(ctx context.Context, part string, from, to int) error {
	for index := from; index < to; index++ {
		object := &v1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Name: configMapName(part, index), Labels: map[string]string{label: part},
			},
			Data: map[string]string{"index": fmt.Sprint(index)},
		}
		_, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(ctx, object, metav1.CreateOptions{})
		if err != nil {
			return err
		}
	}
	return nil
}

func configMapName(part string, index int) string { return fmt.Sprintf("%s-%02d", part, index) }

// watchFromList watches from where a list ended, with bookmarks, and says what came in which order.
func watchFromList(ctx context.Context, s *session) (any, error) {
	only := metav1.ListOptions{LabelSelector: label + "=watched"}
	resource := s.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"})
	configMaps := resource.Namespace(s.namespace)
	list, err := configMaps.List(ctx, only)
	if err != nil {
		return nil, err
	}
	only.ResourceVersion, only.AllowWatchBookmarks = list.GetResourceVersion(), true
	watching, err := configMaps.Watch(ctx, only)
	if err != nil {
		return nil, err
	}
	defer watching.Stop()
	if err := s.makeConfigMaps(ctx, "watched", 0, 3); err != nil {
		return nil, err
	}
	if err := configMaps.Delete(ctx, configMapName("watched", 1), metav1.DeleteOptions{}); err != nil {
		return nil, err
	}
	var events []string
	for event := range watching.ResultChan() {
		if event.Type == watch.Bookmark {
			continue
		}
		name := "?"
		if object, ok := event.Object.(*unstructured.Unstructured); ok {
			name = object.GetName()
		}
		if events = append(events, fmt.Sprintf("%s %s", event.Type, name)); len(events) == 4 {
			break
		}
	}
	return events, nil
}

// listInPages reads what the typed informer's part has left, four at a time.
func listInPages(ctx context.Context, s *session) (any, error) {
	var pages [][]string
	options := metav1.ListOptions{LabelSelector: label + "=typed", Limit: 4}
	for {
		list, err := s.client.CoreV1().ConfigMaps(s.namespace).List(ctx, options)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, item := range list.Items {
			names = append(names, item.Name)
		}
		pages = append(pages, names)
		if options.Continue = list.Continue; options.Continue == "" {
			return pages, nil
		}
	}
}

func speakProtobuf(ctx context.Context, s *session) (any, error) {
	configMaps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	object := &v1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "binary"},
		BinaryData: map[string][]byte{"bytes": {0, 1, 254, 255}},
	}
	made, err := configMaps.Create(ctx, object, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	made.Data = map[string]string{"text": "grüß"}
	if made, err = configMaps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return nil, err
	}
	list, err := s.protobuf.CoreV1().Pods(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	_, refused := configMaps.Get(ctx, "missing", metav1.GetOptions{})
	return map[string]any{
		"data": made.Data, "bytes": made.BinaryData, "pods": len(list.Items), "error": fmt.Sprint(refused),
	}, nil
}

func applyServerSide(ctx context.Context, s *session) (any, error) {
	configMaps := s.client.CoreV1().ConfigMaps(s.namespace)
	apply := func(manager, value string) error {
		wanted := corev1.ConfigMap("applied", s.namespace).WithData(map[string]string{"who": value})
		_, err := configMaps.Apply(ctx, wanted, metav1.ApplyOptions{FieldManager: manager})
		return err
	}
	return map[string]string{
		"first": fmt.Sprint(apply("one", "one")), "conflict": fmt.Sprint(apply("two", "two")),
	}, nil
}

// electLeader takes a lease and gives it back.
func electLeader(ctx context.Context, s *session) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// With a client of its own, as leaderelection advises.
	client, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return nil, err
	}
	var mutex sync.Mutex
	steps := map[string]bool{}
	note := func(step string) {
		mutex.Lock()
		defer mutex.Unlock()
		steps[step] = true
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: s.namespace},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: "client"},
		},
		LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 2 * time.Second,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { note("leads"); cancel() },
			OnStoppedLeading: func() { note("stopped") },
		},
	})
	mutex.Lock()
	defer mutex.Unlock()
	return slices.Sorted(maps.Keys(steps)), nil
}
