package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"reflect"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// node takes pods while it is schedulable, and brings what runs in line with what is wanted.
type node struct {
	name       string
	kubelet    *net.TCPAddr
	client     kubernetes.Interface
	containers *containers
	pods       corelisters.PodLister
	nodes      corelisters.NodeLister
	queue      workqueue.TypedRateLimitingInterface[cache.ObjectName]
	mutex      sync.Mutex
	addresses  map[cache.ObjectName]int
	stopping   map[string]bool // by UID
}

const workers = 4

func newNode(name string, kubelet *net.TCPAddr, client kubernetes.Interface, c *containers) *node {
	limiter := workqueue.DefaultTypedControllerRateLimiter[cache.ObjectName]()
	return &node{
		name: name, kubelet: kubelet, client: client, containers: c,
		queue:     workqueue.NewTypedRateLimitingQueue(limiter),
		addresses: map[cache.ObjectName]int{}, stopping: map[string]bool{},
	}
}

// run returns when ctx is done, or when the node cannot be registered.
func (n *node) run(ctx context.Context) error {
	if err := n.register(ctx); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(n.client, 0)
	n.pods, n.nodes = factory.Core().V1().Pods().Lister(), factory.Core().V1().Nodes().Lister()
	handle := func(informer cache.SharedIndexInformer, handlers cache.ResourceEventHandler) error {
		_, err := informer.AddEventHandler(handlers)
		return err
	}
	if err := errors.Join(
		handle(factory.Core().V1().Pods().Informer(), cache.ResourceEventHandlerFuncs{
			AddFunc:    n.enqueue,
			UpdateFunc: func(_, pod any) { n.enqueue(pod) },
			DeleteFunc: n.forget,
		}),
		handle(factory.Core().V1().Nodes().Informer(), cache.ResourceEventHandlerFuncs{
			UpdateFunc: func(_, _ any) { n.enqueueUnbound() },
		}),
	); err != nil {
		return err
	}
	factory.StartWithContext(ctx)
	factory.WaitForCacheSync(ctx.Done())
	for range workers {
		go func() {
			for n.work(ctx) {
			}
		}()
	}
	<-ctx.Done()
	n.queue.ShutDown()
	return nil
}

func (n *node) register(ctx context.Context) error {
	quantities := v1.ResourceList{
		v1.ResourceCPU: resource.MustParse("4"), v1.ResourceMemory: resource.MustParse("8Gi"),
		v1.ResourcePods: resource.MustParse("1000"),
	}
	labels := map[string]string{"kubernetes.io/hostname": n.name, "kubernetes.io/os": "linux"}
	wanted := &v1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: n.name, Labels: labels},
		Status: v1.NodeStatus{
			Capacity: quantities, Allocatable: quantities,
			Addresses: []v1.NodeAddress{
				{Type: v1.NodeInternalIP, Address: n.kubelet.IP.String()},
				{Type: v1.NodeHostName, Address: n.name},
			},
			DaemonEndpoints: v1.NodeDaemonEndpoints{
				KubeletEndpoint: v1.DaemonEndpoint{Port: int32(n.kubelet.Port)},
			},
			NodeInfo: v1.NodeSystemInfo{KubeletVersion: "v0.0.0-stand-in", OperatingSystem: "linux"},
			Conditions: []v1.NodeCondition{{
				Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "KubeletReady",
				LastHeartbeatTime: metav1.Now(), LastTransitionTime: metav1.Now(),
			}},
		},
	}
	nodes := n.client.CoreV1().Nodes()
	created, err := nodes.Create(ctx, wanted, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		created, err = nodes.Get(ctx, n.name, metav1.GetOptions{})
	}
	if err != nil {
		return err
	}
	created.Status = wanted.Status
	_, err = nodes.UpdateStatus(ctx, created, metav1.UpdateOptions{})
	return err
}

func (n *node) enqueue(object any) {
	if pod, ok := object.(*v1.Pod); ok {
		n.queue.Add(cache.MetaObjectToName(pod))
	}
}

func (n *node) enqueueUnbound() {
	for _, pod := range n.all() {
		if pod.Spec.NodeName == "" {
			n.enqueue(pod)
		}
	}
}

// forget also stops what a forced deletion has left running.
func (n *node) forget(object any) {
	if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = unknown.Obj
	}
	if pod, ok := object.(*v1.Pod); ok {
		go n.containers.remove(pod.UID, 0)
	}
}

func (n *node) work(ctx context.Context) bool {
	name, shutdown := n.queue.Get()
	if shutdown {
		return false
	}
	defer n.queue.Done(name)
	err := n.sync(ctx, name)
	switch {
	case err == nil || apierrors.IsNotFound(err):
		n.queue.Forget(name)
	case apierrors.IsConflict(err):
		n.queue.AddRateLimited(name)
	default:
		log.Printf("pod %s: %v", name, err)
		n.queue.AddRateLimited(name)
	}
	return true
}

func (n *node) sync(ctx context.Context, name cache.ObjectName) error {
	pod, err := n.pods.Pods(name.Namespace).Get(name.Name)
	switch {
	case err != nil:
		return err
	case pod.Spec.NodeName == "":
		return n.bind(ctx, pod)
	case pod.Spec.NodeName != n.name:
		return nil
	case pod.DeletionTimestamp != nil:
		n.remove(ctx, pod)
		return nil
	}
	return n.keepRunning(ctx, pod)
}

// bind is what a scheduler does, and there is only one node.
func (n *node) bind(ctx context.Context, pod *v1.Pod) error {
	self, err := n.nodes.Get(n.name)
	if err != nil || self.Spec.Unschedulable || pod.DeletionTimestamp != nil {
		return err
	}
	return n.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &v1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: pod.UID},
		Target:     v1.ObjectReference{Kind: "Node", Name: n.name},
	}, metav1.CreateOptions{})
}

// remove ends the pod's processes, and then the pod itself, which until then is only marked.
func (n *node) remove(ctx context.Context, pod *v1.Pod) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.stopping[string(pod.UID)] {
		return
	}
	n.stopping[string(pod.UID)] = true
	grace := time.Duration(0)
	if seconds := pod.DeletionGracePeriodSeconds; seconds != nil {
		grace = time.Duration(*seconds) * time.Second
	}
	go func() {
		n.containers.remove(pod.UID, grace)
		now := metav1.NewDeleteOptions(0)
		now.Preconditions = metav1.NewUIDPreconditions(string(pod.UID))
		err := n.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, *now)
		if err != nil && !apierrors.IsNotFound(err) {
			log.Printf("pod %s/%s: %v", pod.Namespace, pod.Name, err)
		}
	}()
}

func (n *node) keepRunning(ctx context.Context, pod *v1.Pod) error {
	for index := range pod.Spec.Containers {
		if _, err := n.start(pod, &pod.Spec.Containers[index]); err != nil {
			return err
		}
	}
	for _, debugger := range pod.Spec.EphemeralContainers {
		spec := v1.Container(debugger.EphemeralContainerCommon)
		if _, err := n.start(pod, &spec); err != nil {
			return err
		}
	}
	status := n.status(pod)
	if reflect.DeepEqual(*status, pod.Status) {
		return nil
	}
	changed := pod.DeepCopy()
	changed.Status = *status
	_, err := n.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, changed, metav1.UpdateOptions{})
	return err
}

func (n *node) start(pod *v1.Pod, spec *v1.Container) (*container, error) {
	return n.containers.start(pod, spec, func() { n.enqueue(pod) })
}

func (n *node) all() []*v1.Pod {
	pods, err := n.pods.List(everything)
	if err != nil {
		// A lister over an index in memory does not fail.
		panic(err)
	}
	return pods
}

// address is one of a range that nothing listens on: it is only to be looked at.
func (n *node) address(pod *v1.Pod) string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	name := cache.MetaObjectToName(pod)
	number, ok := n.addresses[name]
	if !ok {
		number = len(n.addresses) + 1
		n.addresses[name] = number
	}
	return fmt.Sprintf("10.244.%d.%d", number/256, number%256)
}
