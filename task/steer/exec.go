package steer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
)

// program is a reward by a program of the user's, which runs as long as the search: for every line of JSON on its
// standard input,
//
//	{"columns":["x","y"],"rows":[[0.5,1],[2,null]]}
//
// it writes a line {"rewards":[1.5,-2]}. Levels are words, and what is missing null. It is started once, and asked by
// one caller at a time.
type program struct {
	word    string
	columns []string
	cells   *Reward // of a table with types; nil: all are numbers
	mu      sync.Mutex
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    *tail
	stop    context.CancelFunc
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	t.b = t.b[max(0, len(t.b)-500):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.b))
}

func newProgram(ctx context.Context, word string, columns []string, m *ito.Model) (*program, error) {
	args := strings.Fields(word)
	if len(args) == 0 {
		return nil, &ito.InputError{Where: "`reward`", What: "exec: names no program",
			Do: "give it with its arguments, as exec:./score or exec:awk"}
	}
	p := &program{word: word, columns: columns, said: &tail{}}
	if t, ok := m.Encoding.(*encode.Table); ok {
		p.cells = &Reward{types: t.Schema.Columns}
	}
	ctx, p.stop = context.WithCancel(ctx)
	p.cmd = exec.CommandContext(ctx, args[0], args[1:]...)
	p.cmd.Stderr = p.said
	in, err := p.cmd.StdinPipe()
	out, errOut := p.cmd.StdoutPipe()
	if err = errors.Join(err, errOut); err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.stop()
		return nil, &ito.InputError{Where: "`reward`", What: "program " + args[0] + " cannot be started: " +
			err.Error(), Do: "give a program that can be run, with its place, as exec:./score"}
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	return p, nil
}

// rate implements rater.
func (p *program) rate(ctx context.Context, dst []float64, rows ito.States) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	ask := struct {
		Columns []string `json:"columns"`
		Rows    [][]any  `json:"rows"`
	}{p.columns, make([][]any, rows.N)}
	for i := range ask.Rows {
		ask.Rows[i] = p.row(rows.Row(i))
	}
	line, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	bad := func(what string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if said := p.said.String(); said != "" {
			what += "; it wrote: " + said
		}
		return &ito.InputError{Where: "`reward`", What: "program " + p.word + " " + what,
			Do: `answer every line of standard input by a line {"rewards":[…]} of as many numbers as there are rows`}
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return bad("does not read: " + err.Error())
	}
	got, err := p.out.ReadBytes('\n')
	if err != nil && len(bytes.TrimSpace(got)) == 0 {
		return bad("ended without an answer")
	}
	var answer struct {
		Rewards []*float64 `json:"rewards"`
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		return bad(fmt.Sprintf("answers %q, which is no such line", brief(got)))
	}
	if len(answer.Rewards) != rows.N {
		return bad(fmt.Sprintf("answers %d rewards for %d rows", len(answer.Rewards), rows.N))
	}
	for i, v := range answer.Rewards {
		if dst[i] = math.NaN(); v != nil {
			dst[i] = *v
		}
	}
	return finite(dst, rows)
}

// row is a row as JSON has it.
func (p *program) row(row []float64) []any {
	out := make([]any, len(row))
	for i, v := range row {
		out[i] = v
		switch c := p.cell(i, v).(type) {
		case starlark.NoneType:
			out[i] = nil
		case starlark.String:
			out[i] = string(c)
		}
		if f, ok := out[i].(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			out[i] = nil
		}
	}
	return out
}

func (p *program) cell(i int, v float64) starlark.Value {
	if p.cells == nil {
		return starlark.Float(v)
	}
	return p.cells.cell(i, v)
}

// close implements rater: the program's input ends, and so should it.
func (p *program) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in.Close()
	p.stop() // what waits for more is killed
	p.cmd.Wait()
	return nil
}

func brief(b []byte) string {
	b = bytes.TrimSpace(b)
	if len(b) > 60 {
		return string(b[:60]) + "…"
	}
	return string(b)
}
