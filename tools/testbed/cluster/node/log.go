package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// containerLog is what a container has written, by line, and who is waiting for more.
type containerLog struct {
	mutex   sync.Mutex
	lines   []logLine
	closed  bool
	changed chan struct{}
}

type logLine struct {
	at   time.Time
	text []byte // with its newline
}

func newContainerLog() *containerLog {
	return &containerLog{changed: make(chan struct{})}
}

func (l *containerLog) append(text []byte) {
	l.update(func() { l.lines = append(l.lines, logLine{time.Now(), bytes.Clone(text)}) })
}

// close ends all who follow.
func (l *containerLog) close() {
	l.update(func() { l.closed = true })
}

func (l *containerLog) update(change func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	change()
	close(l.changed)
	l.changed = make(chan struct{})
}

// after returns the lines from index on, whether there will be no more, and what tells of change.
func (l *containerLog) after(index int) ([]logLine, bool, <-chan struct{}) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.lines[min(index, len(l.lines)):], l.closed, l.changed
}

// writer splits what is written into lines; a last line without newline comes with flush.
func (l *containerLog) writer() *lineWriter { return &lineWriter{log: l} }

type lineWriter struct {
	mutex sync.Mutex
	log   *containerLog
	rest  []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.rest = append(w.rest, p...)
	for {
		end := bytes.IndexByte(w.rest, '\n')
		if end < 0 {
			return len(p), nil
		}
		w.log.append(w.rest[:end+1])
		w.rest = w.rest[end+1:]
	}
}

func (w *lineWriter) flush() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if len(w.rest) > 0 {
		w.log.append(append(w.rest, '\n'))
	}
	w.rest = nil
}

// copyTo writes what the options ask for, and with Follow goes on until the container has ended.
func (l *containerLog) copyTo(ctx context.Context, out io.Writer, options *v1.PodLogOptions) error {
	lines, closed, changed := l.after(0)
	index := len(lines)
	limit := int64(-1)
	if options.LimitBytes != nil {
		limit = *options.LimitBytes
	}
	if err := writeLines(out, selectLines(lines, options), options, &limit); err != nil {
		return err
	}
	for options.Follow && !closed && limit != 0 {
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
		lines, closed, changed = l.after(index)
		index += len(lines)
		if err := writeLines(out, lines, options, &limit); err != nil {
			return err
		}
	}
	return nil
}

// logOptionsOf reads what kube-apiserver asks kubelets for; what it does not know is not asked.
func logOptionsOf(query url.Values) (*v1.PodLogOptions, error) {
	var failed error
	number := func(name string) *int64 {
		if !query.Has(name) {
			return nil
		}
		value, err := strconv.ParseInt(query.Get(name), 10, 64)
		failed = errors.Join(failed, err)
		return &value
	}
	options := &v1.PodLogOptions{
		Follow: query.Get("follow") == "true", Previous: query.Get("previous") == "true",
		Timestamps: query.Get("timestamps") == "true", TailLines: number("tailLines"),
		LimitBytes: number("limitBytes"), SinceSeconds: number("sinceSeconds"),
	}
	if query.Has("sinceTime") {
		since, err := time.Parse(time.RFC3339, query.Get("sinceTime"))
		failed = errors.Join(failed, err)
		options.SinceTime = &metav1.Time{Time: since}
	}
	return options, failed
}

func selectLines(lines []logLine, options *v1.PodLogOptions) []logLine {
	var since time.Time
	if options.SinceTime != nil {
		since = options.SinceTime.Time
	}
	if options.SinceSeconds != nil {
		since = time.Now().Add(-time.Duration(*options.SinceSeconds) * time.Second)
	}
	for len(lines) > 0 && lines[0].at.Before(since) {
		lines = lines[1:]
	}
	if tail := options.TailLines; tail != nil && int(*tail) < len(lines) {
		lines = lines[len(lines)-int(*tail):]
	}
	return lines
}

// writeLines stops at limit bytes; below 0 there is none.
func writeLines(out io.Writer, lines []logLine, options *v1.PodLogOptions, limit *int64) error {
	for _, line := range lines {
		text := line.text
		if options.Timestamps {
			text = fmt.Appendf(nil, "%s %s", line.at.UTC().Format(time.RFC3339Nano), text)
		}
		if *limit >= 0 {
			text = text[:min(int64(len(text)), *limit)]
			*limit -= int64(len(text))
		}
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	return nil
}
