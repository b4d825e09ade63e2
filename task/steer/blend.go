package steer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/internal/spec"
	"github.com/seed9a7962a8/ito/solve"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/sample"
)

// BlendReport describes what became of concepts.
type BlendReport struct {
	sample.Report
	Concepts []string `json:"concepts"`
	By       string   `json:"by"`
	// Scores are the mean scores of the concepts, Both the mean of the products over the samples; without scores none.
	Scores []float64 `json:"scores,omitempty"`
	Both   *float64  `json:"both,omitempty"`
}

// BlendConfig sets which samples are drawn and of which concepts.
type BlendConfig struct {
	sample.Config
	Settings
}

// Blend draws samples under several conditions, one of which acts at every evaluation of every row.
func Blend(ctx context.Context, asked BlendConfig, env sample.Env) (BlendReport, error) {
	c, s := asked.Config, asked.Settings
	r := BlendReport{By: s.BlendBy}
	if err := spec.Check(&s); err != nil {
		return r, err
	}
	if c.Where != "" {
		return r, &ito.InputError{Where: "`where`", What: "the concepts of `blend` are conditions",
			Do: "name it in each of them"}
	}
	if c.Resume {
		return r, &ito.InputError{Where: "`resume`", What: "blends are not resumed", Do: "leave it out"}
	}
	m, digest, err := task.LoadModel(c.Model)
	if err != nil {
		return r, err
	}
	b := &blending{s: s, m: m, n: c.N}
	if err := b.concepts(); err != nil {
		return r, err
	}
	r.Concepts = b.words
	cfg := Config{Model: c.Model, N: c.N, Workers: c.Workers, Reading: c.Reading}
	if err := b.raters(ctx, &cfg, &env.Env); err != nil {
		return r, err
	}
	defer b.close()
	c.Where, c.Hooks = b.words[0], b.hooks
	env.Model, env.Digest = m, digest
	env.Steered = fmt.Sprintf("|%s|%s|%s|%g", s.Blend, s.BlendBy, s.Score, s.Strike)
	if r.Report, err = sample.Run(ctx, c, env); err != nil {
		return r, b.cause(err)
	}
	r.scores(b)
	return r, nil
}

// blending is a blend that has been checked.
type blending struct {
	s     Settings
	m     *ito.Model
	n     int
	words []string
	conds [][]float64
	score []rater
	mu    sync.Mutex
	found map[uint64][]float64 // scores of finished samples
	err   error                // of a score, the first
}

// concepts reads A|B, or A,B where both ask for one column.
func (b *blending) concepts() error {
	if b.m.Encoding != nil || len(b.m.Conditions) == 0 {
		return &ito.UnsupportedError{What: "a blend by this model", Why: "it was not trained with conditions of its " +
			"own", Nearest: "a model that ito train made with `condition` or `labels`"}
	}
	b.words = strings.Split(b.s.Blend, "|")
	if parts := strings.Split(b.s.Blend, ","); len(b.words) == 1 && len(b.m.Conditions) == 1 {
		b.words = parts
	}
	for i, w := range b.words {
		b.words[i] = strings.TrimSpace(w)
		cond, err := data.ParseWhere(b.m.Conditions, b.words[i])
		if err != nil {
			return fmt.Errorf("concept %d of `blend`: %w", i+1, err)
		}
		if b.words[i] == "" {
			return &ito.InputError{Where: "`blend`", What: fmt.Sprintf("concept %d is empty", i+1),
				Do: "give conditions, as " + data.ExampleWhere(b.m.Conditions)}
		}
		b.conds = append(b.conds, cond)
	}
	if len(b.words) < 2 {
		return &ito.InputError{Where: "`blend`", What: "there is one concept", Do: "give two or more, as A|B"}
	}
	return nil
}

// raters makes the scores.
func (b *blending) raters(ctx context.Context, c *Config, env *task.Env) error {
	needed := b.s.BlendBy == "price" || b.s.BlendBy == "greedy"
	if b.s.Score == "" {
		if needed {
			return &ito.InputError{Where: "`score`", What: "`blend-by=" + b.s.BlendBy + "` compares how much of each " +
				"concept is in a sample", Do: "give a score of each, as classifier:rows.csv:label=3|classifier:" +
				"rows.csv:label=5, or take `blend-by=lerp`"}
		}
		return nil
	}
	words := strings.Split(b.s.Score, "|")
	if len(words) != len(b.words) {
		return &ito.InputError{Where: "`score`", What: fmt.Sprintf("%d scores of %d concepts", len(words),
			len(b.words)), Do: "give one for each, with | between"}
	}
	for _, w := range words {
		r, err := c.rater(ctx, env, b.m, strings.TrimSpace(w), true)
		if err != nil {
			b.close()
			return ofScore(err)
		}
		b.score = append(b.score, r)
	}
	return nil
}

func (b *blending) close() {
	for _, r := range b.score {
		r.close()
	}
}

// rate is the score of concept i in a state; what is wrong is kept, and −∞ stands for it.
func (b *blending) rate(ctx context.Context, i int, x ito.States) []float64 {
	out := make([]float64, x.N)
	rows, err := rowsOf(b.m, x)
	if err == nil {
		err = b.score[i].rate(ctx, out, rows)
	}
	if err != nil {
		b.mu.Lock()
		if b.err == nil {
			b.err = err
		}
		b.mu.Unlock()
		for k := range out {
			out[k] = math.Inf(-1)
		}
	}
	return out
}

// cause is what ended a run: a score that failed before what followed from it.
func (b *blending) cause(err error) error {
	if b.err != nil {
		return ofScore(b.err)
	}
	return err
}

// ofScore is an error of a reward, where it is a score.
func ofScore(err error) error {
	var bad *ito.InputError
	if errors.As(err, &bad) {
		bad.Where = strings.Replace(bad.Where, "`reward`", "`score`", 1)
	}
	return err
}

// hooks are those of a run of so many steps.
func (b *blending) hooks(steps int) []ito.Hook {
	k := len(b.conds)
	var out []ito.Hook
	switch b.s.BlendBy {
	case "lerp":
		mean := make([]float64, len(b.conds[0]))
		for _, c := range b.conds {
			for j, v := range c {
				mean[j] += v / float64(k)
			}
		}
		out = append(out, solve.Turns{Concepts: [][]float64{mean}, Turn: solve.Alternate(1)})
	case "alternate":
		out = append(out, solve.Turns{Concepts: b.conds, Turn: solve.Alternate(k)})
	case "switch":
		out = append(out, solve.Turns{Concepts: b.conds, Turn: solve.Switch(k, steps)})
	default:
		out = append(out, solve.Blend{Concepts: b.conds, Strike: b.s.Strike, Steps: steps,
			Greedy: b.s.BlendBy == "greedy",
			Reward: func(i int, x0 []float64) float64 {
				return b.rate(context.Background(), i, ito.States{N: 1, D: len(x0), X: x0, ID: []uint64{0}})[0]
			}})
	}
	return append(out, &watcher{b: b, last: steps - 1})
}

// watcher scores the finished samples, and ends a run whose scores fail.
type watcher struct {
	solve.None
	b    *blending
	last int
}

// After implements ito.Hook.
func (w *watcher) After(ctx context.Context, s *ito.Step) error {
	b := w.b
	b.mu.Lock()
	err := b.err
	b.mu.Unlock()
	if err != nil || len(b.score) == 0 || s.Index < w.last {
		return err
	}
	scores := make([][]float64, len(b.score))
	for i := range b.score {
		scores[i] = b.rate(ctx, i, s.X)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.found == nil {
		b.found = map[uint64][]float64{}
	}
	for r, id := range s.X.ID {
		row := make([]float64, len(scores))
		for i := range scores {
			row[i] = scores[i][r]
		}
		b.found[id] = row
	}
	return b.err
}

// scores sums up what was found, in the order of the samples.
func (r *BlendReport) scores(b *blending) {
	if len(b.found) == 0 {
		return
	}
	n, both := float64(len(b.found)), 0.
	r.Scores = make([]float64, len(b.score))
	least := uint64(math.MaxUint64)
	for id := range b.found {
		least = min(least, id)
	}
	for id := least; id < least+uint64(len(b.found)); id++ {
		product := 1.
		for i, v := range b.found[id] {
			r.Scores[i] += v / n
			product *= v
		}
		both += product / n
	}
	r.Both = &both
}
