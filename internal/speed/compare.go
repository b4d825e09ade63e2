package speed

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// Pairs is how one measure of two programs compares.
type Pairs struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`             // of the work
	Other  Spread  `json:"other"`            // units of work a second of the other program
	This   Spread  `json:"this"`             // and of this one
	Ratio  Spread  `json:"ratio"`            // this over other, of every pair: above 1 this one is faster, or smaller
	Best   float64 `json:"best"`             // the best slice of this one over the best of the other
	Absent string  `json:"absent,omitempty"` // why there is nothing to compare
}

// Slower reports that this program is slower by more than a part: by the median of the ratios and by the best
// slices, for either alone is what a busy machine makes of it.
func (p Pairs) Slower(part float64) bool {
	return p.Absent == "" && p.Ratio.Median < 1-part && p.Best < 1-part
}

// Comparison is two programs that took turns.
type Comparison struct {
	Machine Machine `json:"machine"`
	Pairs   []Pairs `json:"pairs"`
}

// Compare has two programs take turns, which of them begins alternating: work a second of the processor with one
// worker. A measure that the other does not know is Absent; a program that cannot be started or does not take turns
// is an error.
func Compare(ctx context.Context, other, this string, c Config) (Comparison, error) {
	c = c.filled()
	out := Comparison{Machine: ThisMachine()}
	dir, err := os.MkdirTemp("", "ito-speed")
	if err != nil {
		return out, err
	}
	defer os.RemoveAll(dir)
	var both [2]*player
	copies := []string{filepath.Join(dir, "other", "ito"), filepath.Join(dir, "this", "ito")}
	for i, path := range []string{other, this} {
		if err := copyProgram(copies[i], path); err != nil {
			return out, err
		}
		p, err := newPlayer(ctx, path, copies[i])
		if err != nil {
			return out, err
		}
		defer p.close()
		both[i] = p
	}
	var list []measure
	for _, m := range measures() {
		if m.paths && c.Only(m.name) {
			list = append(list, m)
		}
	}
	for i, m := range list {
		c.Tell(m.name, i, len(list)+1)
		p, err := c.pairs(ctx, m, both)
		if err != nil {
			return out, err
		}
		out.Pairs = append(out.Pairs, p)
	}
	c.Tell("start", len(list), len(list)+1)
	if c.Only("start") {
		p, err := c.starts(ctx, copies)
		if err != nil {
			return out, err
		}
		out.Pairs = append(out.Pairs, p)
	}
	if c.Only("size") {
		var bytes [2]float64
		for i, path := range copies {
			n, err := programBytes(path)
			if err != nil {
				return out, err
			}
			bytes[i] = float64(n)
		}
		p := Pairs{Name: "size", Unit: "bytes", Other: spread(bytes[:1]), This: spread(bytes[1:]),
			Best: bytes[0] / bytes[1]}
		p.Ratio = spread([]float64{p.Best})
		out.Pairs = append(out.Pairs, p)
	}
	return out, nil
}

func (c Config) pairs(ctx context.Context, m measure, both [2]*player) (Pairs, error) {
	n, count := 0, 0
	for i, p := range both {
		a, err := p.ask(fmt.Sprintf("begin %g 1 %s", c.Length.Seconds(), m.name))
		if err != nil {
			return Pairs{}, err
		}
		if a.Error != "" {
			if i == 1 {
				return Pairs{}, fmt.Errorf("%s: %s", m.name, a.Error)
			}
			return Pairs{Name: m.name, Unit: m.unit, Absent: a.Error}, nil
		}
		n, count = max(n, a.N), max(count, a.Slices)
	}
	return c.alternate(ctx, Pairs{Name: m.name, Unit: m.unit}, func(i int) (Turn, error) {
		a, err := both[i].ask(fmt.Sprintf("turn %d %d", n, (count+bursts-1)/bursts))
		if err == nil && (a.Error != "" || a.Turn == nil) {
			err = fmt.Errorf("%s: %s: %s", both[i].path, m.name, a.Error)
		}
		if err != nil {
			return Turn{}, err
		}
		return *a.Turn, nil
	})
}

func (c Config) starts(ctx context.Context, paths []string) (Pairs, error) {
	return c.alternate(ctx, Pairs{Name: "start", Unit: "starts"}, func(i int) (Turn, error) {
		s, err := c.start(paths[i])
		return Turn{Rates: []float64{1 / s}}, err
	})
}

// bursts is into how many parts a pair of turns is cut, so that what else the machine does falls on both.
const bursts = 5

// alternate takes the turns: in bursts of the other program and this one, and of this one and the other.
func (c Config) alternate(ctx context.Context, p Pairs, burst func(i int) (Turn, error)) (Pairs, error) {
	var rates [2][]float64
	var ratios []float64
	var best [2]float64
	for range c.Turns {
		var pair [2][]float64
		for k := range bursts {
			if err := ctx.Err(); err != nil {
				return p, err
			}
			for _, i := range [][]int{{0, 1}, {1, 0}}[k%2] {
				t, err := burst(i)
				if err != nil {
					return p, err
				}
				pair[i] = append(pair[i], t.Rates...)
			}
		}
		for i, r := range pair {
			rates[i], best[i] = append(rates[i], spread(r).Median), max(best[i], slices.Max(r))
		}
		ratios = append(ratios, rates[1][len(ratios)]/rates[0][len(ratios)])
	}
	p.Other, p.This, p.Ratio, p.Best = spread(rates[0]), spread(rates[1]), spread(ratios), best[1]/best[0]
	return p, nil
}

// player is a program that takes turns.
type player struct {
	path string
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

func newPlayer(ctx context.Context, path, program string) (*player, error) {
	p := &player{path: path, cmd: exec.CommandContext(ctx, program, "bench", "engine", "--turns")}
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	return p, p.cmd.Start()
}

// copyProgram copies a program, so that both lie in memory alike: a file that a linker has mapped starts slower by
// a tenth than one that was written, and a program that is built anew meanwhile would be another one.
func copyProgram(to, from string) error {
	from, err := exec.LookPath(from)
	if err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.Mkdir(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// ErrNoTurns is a program that does not take turns: one from before there was this measurement.
var ErrNoTurns = errors.New("it does not take turns: it is from before there was ito bench engine, or no ito at all")

func (p *player) ask(line string) (answer, error) {
	var a answer
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		return a, fmt.Errorf("%s: %w", p.path, ErrNoTurns)
	}
	said, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(said, &a)
	}
	if err != nil {
		return a, fmt.Errorf("%s: %w", p.path, ErrNoTurns)
	}
	return a, nil
}

func (p *player) close() {
	p.in.Close()
	p.cmd.Wait()
}

// Unfit reports an error of a program that cannot be started or does not take turns.
func Unfit(err error) bool {
	var start *exec.Error
	return errors.Is(err, ErrNoTurns) || errors.As(err, &start) || errors.Is(err, os.ErrNotExist) ||
		errors.Is(err, os.ErrPermission)
}
