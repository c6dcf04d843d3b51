package main

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

const metricsPath = "/apis/metrics.k8s.io/v1beta1"

var metricsType = metav1.TypeMeta{APIVersion: metrics.SchemeGroupVersion.String()}

// addMetricsRoutes serves the metrics API as an aggregated API server does: discovery, and reads.
// The figures follow from names: the same object always needs the same.
func addMetricsRoutes(mux *http.ServeMux, n *node) {
	mux.HandleFunc("GET "+metricsPath, func(w http.ResponseWriter, _ *http.Request) {
		verbs := metav1.Verbs{"get", "list"}
		writeJSON(w, metav1.APIResourceList{
			TypeMeta:     metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"},
			GroupVersion: metricsType.APIVersion,
			APIResources: []metav1.APIResource{
				{Name: "nodes", Kind: "NodeMetrics", Verbs: verbs},
				{Name: "pods", Kind: "PodMetrics", Verbs: verbs, Namespaced: true},
			},
		})
	})
	mux.HandleFunc("GET "+metricsPath+"/nodes", func(w http.ResponseWriter, _ *http.Request) {
		list := metrics.NodeMetricsList{TypeMeta: kind("NodeMetricsList")}
		list.Items = append(list.Items, nodeMetrics(n.name))
		writeJSON(w, list)
	})
	mux.HandleFunc("GET "+metricsPath+"/nodes/{name}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") != n.name {
			writeNotFound(w, "nodes", r.PathValue("name"))
			return
		}
		writeJSON(w, nodeMetrics(n.name))
	})
	mux.HandleFunc("GET "+metricsPath+"/pods", n.servePodMetrics)
	mux.HandleFunc("GET "+metricsPath+"/namespaces/{namespace}/pods", n.servePodMetrics)
	mux.HandleFunc("GET "+metricsPath+"/namespaces/{namespace}/pods/{name}",
		func(w http.ResponseWriter, r *http.Request) {
			pod, err := n.pods.Pods(r.PathValue("namespace")).Get(r.PathValue("name"))
			if err != nil {
				writeNotFound(w, "pods", r.PathValue("name"))
				return
			}
			writeJSON(w, podMetrics(pod))
		})
}

func (n *node) servePodMetrics(w http.ResponseWriter, r *http.Request) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	list := metrics.PodMetricsList{TypeMeta: kind("PodMetricsList"), Items: []metrics.PodMetrics{}}
	for _, pod := range n.all() {
		isAsked := r.PathValue("namespace") == "" || pod.Namespace == r.PathValue("namespace")
		if isAsked && selector.Matches(labels.Set(pod.Labels)) && pod.Status.Phase == v1.PodRunning {
			list.Items = append(list.Items, podMetrics(pod))
		}
	}
	writeJSON(w, list)
}

func nodeMetrics(name string) metrics.NodeMetrics {
	return metrics.NodeMetrics{
		TypeMeta: kind("NodeMetrics"), ObjectMeta: metav1.ObjectMeta{Name: name},
		Timestamp: metav1.Now(), Window: metav1.Duration{Duration: 10 * time.Second}, Usage: usageOf(name),
	}
}

func podMetrics(pod *v1.Pod) metrics.PodMetrics {
	answer := metrics.PodMetrics{
		TypeMeta:   kind("PodMetrics"),
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, Labels: pod.Labels},
		Timestamp:  metav1.Now(), Window: metav1.Duration{Duration: 10 * time.Second},
	}
	for _, container := range pod.Spec.Containers {
		answer.Containers = append(answer.Containers,
			metrics.ContainerMetrics{Name: container.Name, Usage: usageOf(container.Name)})
	}
	return answer
}

func usageOf(name string) v1.ResourceList {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(name))
	amount := int64(hash.Sum32()%400) + 1
	return v1.ResourceList{
		v1.ResourceCPU:    *resource.NewMilliQuantity(amount, resource.DecimalSI),
		v1.ResourceMemory: *resource.NewQuantity(amount<<20, resource.BinarySI),
	}
}

func kind(name string) metav1.TypeMeta {
	return metav1.TypeMeta{Kind: name, APIVersion: metricsType.APIVersion}
}

func writeNotFound(w http.ResponseWriter, resource, name string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure,
		Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		Message: resource + `.metrics.k8s.io "` + name + `" not found`,
	})
}

// writeJSON cannot fail but by the asker going away.
func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
