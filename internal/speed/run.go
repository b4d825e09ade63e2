package speed

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Config says how a measurement is made.
type Config struct {
	Turns   int                                // of every measure; 0: 9
	Length  time.Duration                      // of a turn; 0: 60 ms
	Workers []int                              // numbers of workers; nil: 1
	Program string                             // the executable, for its start and its size; "": left out
	Tell    func(name string, done, of int)    // called with progress; nil: not
	Only    func(name string) bool             // chooses measures; nil: all
	start   func(path string) (float64, error) // of a program, for tests; nil: startSeconds
}

func (c Config) filled() Config {
	if c.Turns == 0 {
		c.Turns = 9
	}
	if c.Length == 0 {
		c.Length = 60 * time.Millisecond
	}
	if c.Workers == nil {
		c.Workers = []int{1}
	}
	if c.Tell == nil {
		c.Tell = func(string, int, int) {}
	}
	if c.Only == nil {
		c.Only = func(string) bool { return true }
	}
	if c.start == nil {
		c.start = startSeconds
	}
	return c
}

// Result is what a measure gave.
type Result struct {
	Name    string `json:"name"`
	Workers int    `json:"workers"`
	Unit    string `json:"unit"` // of the work
	// units of work a second: of the processor with one worker, on the wall with more
	Rate     Spread  `json:"rate"`
	Best     float64 `json:"best"`      // of the best slice
	GFLOPS   float64 `json:"gflops"`    // of the products in it, at the best; 0: not counted
	OfPeak   float64 `json:"of_peak"`   // the same over the peak of the cores that the workers have; 0: not known
	Turns    int     `json:"turns"`     // that were timed
	Slices   int     `json:"slices"`    // of a turn
	PerSlice int     `json:"per_slice"` // repetitions in a slice
}

// Report is a measurement of one program.
type Report struct {
	Machine Machine  `json:"machine"`
	Results []Result `json:"results"`
	// processor seconds of a start of the program that says what it is
	Start *Spread `json:"start_seconds,omitempty"`
	Bytes int64   `json:"bytes,omitempty"` // of the executable
}

// Run measures this program.
func Run(ctx context.Context, c Config) (Report, error) {
	c = c.filled()
	r := Report{Machine: ThisMachine()}
	all := measures()
	for i, m := range all {
		if !c.Only(m.name) {
			continue
		}
		c.Tell(m.name, i, len(all))
		for _, workers := range c.Workers {
			if workers > 1 && m.unit == "products" {
				continue // one core's
			}
			result, err := c.measure(ctx, m, workers, r.Machine.Peak)
			if err != nil {
				return r, err
			}
			r.Results = append(r.Results, result)
		}
	}
	var err error
	if c.Program != "" && c.Only("size") {
		if r.Bytes, err = programBytes(c.Program); err != nil {
			return r, err
		}
	}
	if c.Program == "" || !c.Only("start") {
		return r, nil
	}
	c.Tell("start", len(all), len(all))
	var took []float64
	for range c.Turns {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		s, err := c.start(c.Program)
		if err != nil {
			return r, err
		}
		took = append(took, s)
	}
	s := spread(took)
	r.Start = &s
	return r, nil
}

func (c Config) measure(ctx context.Context, m measure, workers int, peak float64) (Result, error) {
	r := Result{Name: m.name, Workers: workers, Unit: m.unit, Turns: c.Turns}
	b, err := m.start(ctx, workers, c.Length)
	if err != nil {
		return r, fmt.Errorf("%s: %w", m.name, err)
	}
	defer b.end()
	r.Slices, r.PerSlice = b.slices, b.n
	var rates []float64
	for range c.Turns {
		t, err := b.turn(ctx)
		if err != nil {
			return r, fmt.Errorf("%s: %w", m.name, err)
		}
		rates, r.Best = append(rates, spread(t.Rates).Median), max(r.Best, slices.Max(t.Rates))
	}
	r.Rate = spread(rates)
	if m.flop > 0 {
		r.GFLOPS = m.flop * r.Best / 1e9
		if peak > 0 {
			r.OfPeak = r.GFLOPS / (peak * float64(workers))
		}
	}
	return r, nil
}

// startSeconds is the processor time of a program that starts, says what it is and ends.
func startSeconds(path string) (float64, error) {
	cmd := exec.Command(path, "info")
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s info: %w", path, err)
	}
	return usedBy(cmd), nil
}

func programBytes(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
