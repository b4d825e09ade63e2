package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
)

// apart is a server that is a process of its own, so that its processor time is told from its clients'.
type apart struct {
	cmd  *exec.Cmd
	dir  string
	at   string // its address
	said bytes.Buffer
}

// Starter is a command that serves a model on loopback, to so many requests at a time, and writes its address to a
// file.
type Starter func(ctx context.Context, addressFile string, requests int) *exec.Cmd

// startApart starts a server of a model, and returns when it listens.
func startApart(ctx context.Context, c *BenchConfig, start Starter, requests int) (*apart, error) {
	dir, err := os.MkdirTemp("", "ito-bench-*")
	if err != nil {
		return nil, err
	}
	p := &apart{dir: dir}
	address := filepath.Join(dir, "address")
	p.cmd = start(ctx, address, requests)
	p.cmd.Stderr = &p.said
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for {
		b, err := os.ReadFile(address)
		switch {
		case err == nil:
			p.at = strings.TrimSpace(string(b))
			return p, nil
		case !errors.Is(err, os.ErrNotExist):
			return nil, errors.Join(err, p.end())
		case !alive(p.cmd.Process.Pid):
			p.end()
			return nil, &ito.InputError{Where: c.Model, What: "its server ended: " + firstLine(p.said.String()),
				Do: "look at what ito serve says"}
		case ctx.Err() != nil:
			return nil, errors.Join(ctx.Err(), p.end())
		}
		time.Sleep(time.Millisecond)
	}
}

// end ends the server.
func (p *apart) end() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return errors.Join(err, os.RemoveAll(p.dir))
		}
	}
	p.cmd.Wait() // it was told to end
	return os.RemoveAll(p.dir)
}

// cold starts servers and asks each for a sample: the milliseconds from the start to its end, and those of the
// processor until the server has ended, the medians.
func cold(ctx context.Context, c *BenchConfig, start Starter, ask func(at string) error) (wall, processor float64,
	err error) {
	const times = 7
	var walls, processors []float64
	for range times {
		began := time.Now()
		p, err := startApart(ctx, c, start, 1)
		if err != nil {
			return 0, 0, err
		}
		err = ask(p.at)
		walls = append(walls, milliseconds(time.Since(began)))
		if err = errors.Join(err, p.end()); err != nil {
			return 0, 0, err
		}
		s := p.cmd.ProcessState
		processors = append(processors, milliseconds(s.UserTime()+s.SystemTime()))
	}
	slices.Sort(walls)
	slices.Sort(processors)
	return walls[times/2], processors[times/2], nil
}

// statOf are the fields of a process behind its name; nil where the system does not tell.
func statOf(pid int) []string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
}

// alive reports that a process runs.
func alive(pid int) bool {
	f := statOf(pid)
	return len(f) > 0 && f[0] != "Z" || len(f) == 0 && !isDir("/proc/self")
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// spent is the processor time of a process so far, in ms; 0 where the system does not tell, or pid is 0.
func spent(pid int) float64 {
	const tick = 10 // ms, on every Linux
	f := statOf(pid)
	if pid == 0 || len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return tick * (user + system)
}
