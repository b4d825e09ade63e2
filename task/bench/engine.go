package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/speed"
	"github.com/seed9a7962a8/ito/task"
)

// EngineConfig sets what of the engine is measured, and beside which program.
type EngineConfig struct {
	Against string        `where:"local" placeholder:"PROGRAM" help:"Another ito to take turns with, as of the commit before"`
	Rounds  int           `default:"9" min:"1" max:"1000" help:"Turns of every measure, or pairs of turns"`
	Length  time.Duration `default:"60ms" placeholder:"TIME" help:"Shortest time of a turn"`
	Only    []string      `placeholder:"WORD,…" help:"Measures whose names have one of these words"`
}

// EngineReport is one program alone, or this one beside another.
type EngineReport struct {
	Alone *speed.Report
	Pairs *speed.Comparison
}

// Engine measures this program on this machine, alone or in turns with another.
func Engine(ctx context.Context, c EngineConfig, env task.Env) (r EngineReport, err error) {
	if c.Length <= 0 || c.Length > time.Minute {
		return r, &ito.InputError{Where: "`length`", What: c.Length.String(), Do: "give a time up to a minute, as 60ms"}
	}
	this, err := os.Executable()
	if err != nil {
		return r, err
	}
	cfg := speed.Config{Turns: c.Rounds, Length: c.Length, Workers: []int{1}, Program: this,
		Tell: func(name string, done, of int) { env.Count(name, int64(done), int64(of)) }}
	if len(c.Only) > 0 {
		names := append(speed.Names(), "start", "size")
		for _, w := range c.Only {
			if w == "" || !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, w) }) {
				return r, &ito.InputError{Where: "`only`", What: fmt.Sprintf("no measure has the word %q", w),
					Do: "there are " + strings.Join(names, ", ")}
			}
		}
		cfg.Only = func(name string) bool {
			return slices.ContainsFunc(c.Only, func(w string) bool { return strings.Contains(name, w) })
		}
	}
	if c.Against != "" {
		t, err := speed.Compare(ctx, c.Against, this, cfg)
		switch {
		case err == nil:
			return EngineReport{Pairs: &t}, nil
		case ctx.Err() != nil:
			return r, ctx.Err()
		case speed.Unfit(err):
			return r, &ito.InputError{Where: "`against=" + c.Against + "`", What: err.Error(),
				Do: "give the path of an ito that has bench engine"}
		}
		return r, err
	}
	if n := runtime.GOMAXPROCS(0); n > 1 {
		cfg.Workers = append(cfg.Workers, n)
	}
	alone, err := speed.Run(ctx, cfg)
	return EngineReport{Alone: &alone}, err
}
