package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// A container whose command nobody gave is idle: it runs until it is stopped, without a process.
type container struct {
	name      string
	directory string
	env       []string
	log       *containerLog
	startedAt time.Time
	command   *exec.Cmd // nil when idle
	stdin     io.WriteCloser
	terminal  *os.File // nil without a terminal
	// ended is closed after exitCode and endedAt are set.
	ended    chan struct{}
	endOnce  sync.Once
	exitCode int
	endedAt  time.Time
}

// containerKey is a container of a pod; a pod that comes again under its name has another UID.
type containerKey struct {
	pod  types.UID
	name string
}

// containers are all that run or have run in pods that still exist.
type containers struct {
	directory string
	mutex     sync.Mutex
	byKey     map[containerKey]*container
}

func newContainers(directory string) *containers {
	return &containers{directory: directory, byKey: map[containerKey]*container{}}
}

// find returns nil when the container was never started.
func (c *containers) find(pod types.UID, name string) *container {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.byKey[containerKey{pod, name}]
}

// start runs the container unless it was started before; onEnd hears when it has ended.
func (c *containers) start(pod *v1.Pod, spec *v1.Container, onEnd func()) (*container, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	key := containerKey{pod.UID, spec.Name}
	if known := c.byKey[key]; known != nil {
		return known, nil
	}
	directory := filepath.Join(c.directory, string(pod.UID), spec.Name)
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, err
	}
	started := newContainer(pod, spec, directory)
	if err := started.run(append(append([]string{}, spec.Command...), spec.Args...), spec); err != nil {
		return nil, err
	}
	c.byKey[key] = started
	go func() {
		<-started.ended
		onEnd()
	}()
	return started, nil
}

// remove stops a pod's containers, politely for as long as it may take, and forgets them.
func (c *containers) remove(pod types.UID, grace time.Duration) {
	var stopped []*container
	c.mutex.Lock()
	for key, each := range c.byKey {
		if key.pod == pod {
			stopped = append(stopped, each)
			delete(c.byKey, key)
		}
	}
	c.mutex.Unlock()
	var waiting sync.WaitGroup
	for _, each := range stopped {
		waiting.Go(func() { each.stop(grace) })
	}
	waiting.Wait()
	// What is left in a folder of a pod that is gone disturbs nobody until this program ends.
	_ = os.RemoveAll(filepath.Join(c.directory, string(pod)))
}

func (c *containers) stopAll() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, each := range c.byKey {
		each.stop(0)
	}
}

func newContainer(pod *v1.Pod, spec *v1.Container, directory string) *container {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + directory, "HOSTNAME=" + pod.Name, "TERM=xterm", "LC_ALL=C",
	}
	for _, variable := range spec.Env {
		if variable.ValueFrom == nil {
			env = append(env, variable.Name+"="+variable.Value)
		}
	}
	return &container{
		name: spec.Name, directory: directory, env: env, log: newContainerLog(),
		startedAt: time.Now(), ended: make(chan struct{}),
	}
}

func (c *container) run(arguments []string, spec *v1.Container) error {
	if len(arguments) == 0 {
		c.log.append([]byte(spec.Image + " is idle\n"))
		return nil
	}
	c.command = c.process(context.Background(), arguments)
	out := c.log.writer()
	if spec.TTY {
		terminal, err := pty.Start(c.command)
		if err != nil {
			return err
		}
		c.terminal, c.stdin = terminal, terminal
		go func() {
			// Reading fails when the last process has closed the terminal: that is its end.
			_, _ = io.Copy(out, terminal)
			c.wait(out)
		}()
		return nil
	}
	c.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.command.Stdout, c.command.Stderr = out, out
	if spec.Stdin {
		stdin, err := c.command.StdinPipe()
		if err != nil {
			return err
		}
		c.stdin = stdin
	}
	if err := c.command.Start(); err != nil {
		return err
	}
	go c.wait(out)
	return nil
}

// process is a command as it runs in this container.
func (c *container) process(ctx context.Context, arguments []string) *exec.Cmd {
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	command.Dir, command.Env = c.directory, c.env
	// Children that keep the output open must not keep the command alive.
	command.WaitDelay = 200 * time.Millisecond
	return command
}

func (c *container) wait(out *lineWriter) {
	err := c.command.Wait()
	out.flush()
	c.end(exitCodeOf(err))
}

func (c *container) end(exitCode int) {
	c.endOnce.Do(func() {
		c.exitCode, c.endedAt = exitCode, time.Now()
		c.log.close()
		close(c.ended)
	})
}

// stop returns when the container has ended.
func (c *container) stop(grace time.Duration) {
	if c.command == nil {
		c.end(0)
		return
	}
	c.signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(grace):
		c.signal(syscall.SIGKILL)
		<-c.ended
	}
}

// signal reaches the processes that the command has started, too: it leads their group.
func (c *container) signal(signal syscall.Signal) {
	select {
	case <-c.ended:
	default:
		// Already gone is as good.
		_ = syscall.Kill(-c.command.Process.Pid, signal)
	}
}

func (c *container) status(spec *v1.Container) v1.ContainerStatus {
	status := v1.ContainerStatus{
		Name: spec.Name, Image: spec.Image, ImageID: "stand-in://" + spec.Image,
		ContainerID: "stand-in://" + spec.Name,
	}
	select {
	case <-c.ended:
		reason := "Completed"
		if c.exitCode != 0 {
			reason = "Error"
		}
		status.State.Terminated = &v1.ContainerStateTerminated{
			ExitCode: int32(c.exitCode), Reason: reason, ContainerID: status.ContainerID,
			StartedAt: metav1.NewTime(c.startedAt), FinishedAt: metav1.NewTime(c.endedAt),
		}
	default:
		started := true
		status.Ready, status.Started = true, &started
		status.State.Running = &v1.ContainerStateRunning{StartedAt: metav1.NewTime(c.startedAt)}
	}
	return status
}

// exitCodeOf follows shells: 128 and the signal's number when a signal ended the process.
func exitCodeOf(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return 0
	case !errors.As(err, &exit):
		return 255
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
