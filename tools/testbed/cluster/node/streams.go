package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// ExecInContainer runs a command beside the container's own, in its folder.
func (c *container) ExecInContainer(ctx context.Context, _, _, _ string, arguments []string,
	in io.Reader, out, errOut io.WriteCloser, tty bool, resize <-chan remotecommand.TerminalSize,
	_ time.Duration) error {
	command := c.process(ctx, arguments)
	if tty {
		return runInTerminal(command, in, out, resize)
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	if out != nil {
		command.Stdout = out
	}
	if errOut != nil {
		command.Stderr = errOut
	}
	if in != nil {
		// Not command.Stdin: waiting for the command would wait for the end of its input, too.
		stdin, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go copyAndClose(stdin, in)
	}
	return exitErrorOf(command.Run())
}

func runInTerminal(command *exec.Cmd, in io.Reader, out io.Writer,
	resize <-chan remotecommand.TerminalSize) error {
	terminal, err := pty.Start(command)
	if err != nil {
		return err
	}
	defer terminal.Close()
	go followSize(terminal, resize)
	if in != nil {
		go func() {
			_, _ = io.Copy(terminal, in)
			// Whoever typed is gone: what is left gets what a closed terminal sends.
			_ = syscall.Kill(-command.Process.Pid, syscall.SIGHUP)
		}()
	}
	// Reading fails when the last process has closed the terminal: that is its end.
	_, _ = io.Copy(out, terminal)
	return exitErrorOf(command.Wait())
}

// AttachContainer shows what the container writes from now on, until it ends.
func (c *container) AttachContainer(ctx context.Context, _, _, _ string, in io.Reader,
	out, errOut io.WriteCloser, _ bool, resize <-chan remotecommand.TerminalSize) error {
	if c.terminal != nil && resize != nil {
		go followSize(c.terminal, resize)
	}
	lines, closed, changed := c.log.after(0)
	index := len(lines)
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	if in != nil && c.stdin != nil {
		go func() {
			if c.terminal == nil {
				copyAndClose(c.stdin, in)
				return
			}
			_, _ = io.Copy(c.stdin, in)
			leave()
		}()
	}
	for !closed {
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
		lines, closed, changed = c.log.after(index)
		index += len(lines)
		for _, line := range lines {
			if out == nil {
				continue
			}
			if _, err := out.Write(line.text); err != nil {
				return err
			}
		}
	}
	_ = errOut // a container's two outputs are one here
	return nil
}

// followSize ends with the asker's connection.
func followSize(terminal *os.File, sizes <-chan remotecommand.TerminalSize) {
	for size := range sizes {
		// The command may have ended, and its terminal with it.
		_ = pty.Setsize(terminal, &pty.Winsize{Rows: size.Height, Cols: size.Width})
	}
}

// copyAndClose ends when either side does; the other is then of no more use.
func copyAndClose(to io.WriteCloser, from io.Reader) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

// exitErrorOf is how the protocol's server wants to hear of exit codes.
func exitErrorOf(err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case !errors.As(err, &exit):
		return err
	}
	return utilexec.CodeExitError{Err: err, Code: exitCodeOf(err)}
}
