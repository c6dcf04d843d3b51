package main

import (
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

var everything = labels.Everything()

// status is what a kubelet would report of a pod whose containers are never restarted.
func (n *node) status(pod *v1.Pod) *v1.PodStatus {
	status := pod.Status.DeepCopy()
	status.ContainerStatuses = nil
	for index := range pod.Spec.Containers {
		spec := &pod.Spec.Containers[index]
		if running := n.containers.find(pod.UID, spec.Name); running != nil {
			status.ContainerStatuses = append(status.ContainerStatuses, running.status(spec))
		}
	}
	status.EphemeralContainerStatuses = nil
	for _, debugger := range pod.Spec.EphemeralContainers {
		spec := v1.Container(debugger.EphemeralContainerCommon)
		if running := n.containers.find(pod.UID, spec.Name); running != nil {
			status.EphemeralContainerStatuses = append(
				status.EphemeralContainerStatuses, running.status(&spec))
		}
	}
	status.Phase = phaseOf(status.ContainerStatuses, pod.Spec.RestartPolicy)
	status.HostIP, status.HostIPs = n.kubelet.IP.String(), []v1.HostIP{{IP: n.kubelet.IP.String()}}
	status.PodIP = n.address(pod)
	status.PodIPs = []v1.PodIP{{IP: status.PodIP}}
	status.QOSClass = pod.Status.QOSClass
	if status.StartTime == nil {
		now := metav1.Now()
		status.StartTime = &now
	}
	ready := status.Phase == v1.PodRunning && areReady(status.ContainerStatuses)
	setCondition(status, v1.PodScheduled, true)
	setCondition(status, v1.PodInitialized, true)
	setCondition(status, v1.ContainersReady, ready)
	setCondition(status, v1.PodReady, ready)
	return status
}

func phaseOf(containers []v1.ContainerStatus, policy v1.RestartPolicy) v1.PodPhase {
	failed := false
	for _, each := range containers {
		if each.State.Terminated == nil {
			return v1.PodRunning
		}
		failed = failed || each.State.Terminated.ExitCode != 0
	}
	switch {
	case policy == v1.RestartPolicyAlways:
		return v1.PodRunning
	case failed:
		return v1.PodFailed
	}
	return v1.PodSucceeded
}

func areReady(containers []v1.ContainerStatus) bool {
	for _, each := range containers {
		if !each.Ready {
			return false
		}
	}
	return true
}

func setCondition(status *v1.PodStatus, kind v1.PodConditionType, holds bool) {
	wanted := v1.ConditionFalse
	if holds {
		wanted = v1.ConditionTrue
	}
	for index := range status.Conditions {
		condition := &status.Conditions[index]
		if condition.Type != kind {
			continue
		}
		if condition.Status != wanted {
			condition.Status, condition.LastTransitionTime = wanted, metav1.Now()
		}
		return
	}
	status.Conditions = append(status.Conditions, v1.PodCondition{
		Type: kind, Status: wanted, LastTransitionTime: metav1.Now(),
	})
}
