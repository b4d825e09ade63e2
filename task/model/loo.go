package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/task"
	"github.com/seed9a7962a8/ito/task/diagnose"
)

// LOOConfig sets whose draws are judged.
type LOOConfig struct {
	Model string   `arg:"" where:"local" help:"The model file that was sampled"`
	Files []string `arg:"" where:"local" name:"draws" help:"Its draws, as ito infer wrote them"`
	Data  string   `where:"local" placeholder:"FILE" help:"The data that it was given"`
	Seed  uint64   `default:"0" help:"Seed of the replicated data"`
	Plot  string   `where:"local" placeholder:"DIR" help:"Also draw the data over replicated data, and k̂, into this directory"`
}

// LOOReport is the predictive density of a model and how its replicated data compare with the data.
type LOOReport struct {
	Model        string    `json:"model"`
	Draws        int       `json:"draws"`
	Observations int       `json:"observations"`
	ELPD         float64   `json:"elpd_loo"`
	SE           float64   `json:"se"`
	P            float64   `json:"p_loo"`
	WAIC         float64   `json:"elpd_waic"`
	WAICSE       float64   `json:"waic_se"`
	PWAIC        float64   `json:"p_waic"`
	KHat         []float64 `json:"khat"`
	Pointwise    []float64 `json:"pointwise"`
	Good         int       `json:"khat_good"` // at most .7
	Bad          int       `json:"khat_bad"`
	Checks       []PPC     `json:"checks"`
	Warnings     []string  `json:"warnings"`
	Observed     string    `json:"observed"` // a digest of the data that are observed, by which reports compare
	Plots        []string  `json:"plots,omitempty"`
}

// PPC compares a statistic of the data with that of replicated data: P is the share of draws in which it is at least as
// large, half of the ties.
type PPC struct {
	Term      string  `json:"term"`
	Statistic string  `json:"statistic"`
	Data      float64 `json:"data"`
	Mean      float64 `json:"replicated"`
	SD        float64 `json:"replicated_sd"`
	P         float64 `json:"p"`
}

// LOO estimates the expected log predictive density of a model by Pareto smoothed leave-one-out and by WAIC, over
// the
// observations of its observe lines, and compares replicated data with the data.
func LOO(ctx context.Context, c LOOConfig, env task.Env) (*LOOReport, error) {
	if c.Plot != "" {
		if err := diagnose.PictureDir(c.Plot); err != nil {
			return nil, err
		}
	}
	pool, done := env.PoolOf(0)
	defer done()
	m, err := open(c.Model, c.Data, pool, env)
	if err != nil {
		return nil, err
	}
	terms, err := m.Terms()
	if err != nil {
		return nil, err
	}
	s, x, err := posteriorOf(m, c.Files)
	if err != nil {
		return nil, err
	}
	all := 0
	for _, t := range terms {
		all += elements(t.Shape)
	}
	seen, warnings := observedOf(terms)
	width := len(seen)
	if width == 0 {
		return nil, &ito.UnsupportedError{What: "leave-one-out of " + c.Model,
			Why: "all that it observes depends on parameters"}
	}
	if n := float64(all) * float64(x.N); n > 1<<28 {
		return nil, &ito.InputError{Where: c.Model, What: fmt.Sprintf("%d observations at %d draws", all, x.N),
			Do: "thin the draws"}
	}
	lp := ito.NewStates(x.N, all, 0)
	if err := m.Pointwise(ctx, lp, x); err != nil {
		return nil, err
	}
	l := make([][]float64, width)
	for k := range l {
		l[k] = make([]float64, x.N)
		for i := range x.N {
			l[k][i] = lp.X[i*all+seen[k]]
			if math.IsNaN(l[k][i]) {
				return nil, &ito.InputError{Where: c.Model,
					What: fmt.Sprintf("the log density of observation %d is not a "+
						"number at draw %d", k+1, i+1), Do: "check the model and that the draws are its own"}
			}
		}
	}
	o := metric.PSISLOO(l, efficiency(l, s))
	r := &LOOReport{Model: c.Model, Draws: x.N, Observations: width, ELPD: o.ELPD, SE: o.SE, P: o.P, WAIC: o.WAIC,
		WAICSE: o.WAICSE,
		PWAIC:  o.PW, Pointwise: o.Pointwise, KHat: o.KHat, Warnings: append([]string{}, warnings...)}
	limit := min(.7, 1-1/math.Log10(float64(x.N)))
	for i, k := range o.KHat {
		if k > limit {
			r.Bad++
		} else {
			r.Good++
		}
		if math.IsNaN(k) { // a constant tail, as of data that say nothing; JSON has no NaN
			r.KHat[i] = 0
		}
	}
	if r.Bad > 0 {
		r.Warnings = append(r.Warnings,
			fmt.Sprintf("%d of %d observations have a Pareto k̂ above %.2f: the leave-one-out "+
				"estimate of these is not reliable; refit without them, or use a wider likelihood", r.Bad, width,
				limit))
	}
	if o.PW > 0 && math.Abs(o.WAIC-o.ELPD) > 2*math.Abs(o.P)*.5+2 {
		r.Warnings = append(r.Warnings, "WAIC and LOO differ: trust LOO where its k̂ are good")
	}
	r.Observed = observedDigest(terms)
	return r, r.check(ctx, m, terms, x, c)
}

// observedDigest is of the numbers that are observed, in their order.
func observedDigest(terms []model.Term) string {
	var b []byte
	for _, t := range terms {
		for _, v := range t.Y {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	}
	return store.Digest(b)
}

// efficiency is the mean relative efficiency of the likelihoods, of chains.
func efficiency(l [][]float64, s *draws.Set) float64 {
	if s.Draws < 8 || s.Chains < 1 {
		return 1
	}
	sum, n := 0., 0.
	for k := 0; k < len(l); k += max(1, len(l)/50) {
		top := math.Inf(-1)
		for _, v := range l[k] {
			top = max(top, v)
		}
		chains := make([][]float64, s.Chains)
		for c := range chains {
			for _, v := range l[k][c*s.Draws : (c+1)*s.Draws] {
				chains[c] = append(chains[c], math.Exp(v-top))
			}
		}
		if e := metric.ESSMean(chains); e > 0 {
			sum += min(e/float64(len(l[k])), 1)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

func elements(shape []int) int {
	n := 1
	for _, k := range shape {
		n *= k
	}
	return n
}

// check adds posterior predictive checks: mean, sd, least and greatest, and the share of zeros of counts.
func (r *LOOReport) check(ctx context.Context, m *model.Model, terms []model.Term, x ito.States, c LOOConfig) error {
	r.Checks = []PPC{}
	n := m.Replicated()
	if n == 0 {
		if c.Plot != "" {
			return r.picture(c.Plot, terms, ito.States{})
		}
		return nil
	}
	rows := x.N
	for float64(rows)*float64(n) > 1<<26 {
		rows /= 2
	}
	rep := ito.NewStates(rows, n, 0)
	if err := m.Replicate(ctx, rep, x.Slice(0, rows), c.Seed, 0); err != nil {
		return err
	}
	at := 0
	for i, t := range terms {
		if !t.Draws {
			continue
		}
		k := elements(t.YShape)
		from := at
		at += k
		if t.Y == nil || k < 2 {
			continue
		}
		name := termName(t, i)
		for _, s := range statistics {
			if s.counts && !t.Integer {
				continue
			}
			data := s.f(without(t.Y, t.Y))
			p := PPC{Term: name, Statistic: s.name, Data: data}
			var ss float64
			for j := range rep.N {
				v := s.f(without(rep.Row(j)[from:from+k], t.Y))
				p.Mean += v / float64(rep.N)
				ss += v * v / float64(rep.N)
				switch {
				case v > data:
					p.P += 1 / float64(rep.N)
				case v == data:
					p.P += .5 / float64(rep.N)
				}
			}
			p.SD = math.Sqrt(max(ss-p.Mean*p.Mean, 0))
			if p.P < .01 || p.P > .99 {
				r.Warnings = append(r.Warnings, fmt.Sprintf("the %s of %s is %.4g, but %.4g ± %.4g in replicated data "+
					"(p = %.3f): the model does not make data like these", s.name, name, data, p.Mean, p.SD, p.P))
			}
			r.Checks = append(r.Checks, p)
		}
	}
	if c.Plot != "" {
		return r.picture(c.Plot, terms, rep)
	}
	return nil
}

var statistics = []struct {
	name   string
	counts bool
	f      func(y []float64) float64
}{
	{"mean", false, func(y []float64) float64 {
		s := 0.
		for _, v := range y {
			s += v
		}
		return s / float64(len(y))
	}},
	{"sd", false, func(y []float64) float64 {
		m, s := 0., 0.
		for _, v := range y {
			m += v / float64(len(y))
		}
		for _, v := range y {
			s += (v - m) * (v - m)
		}
		return math.Sqrt(s / float64(len(y)-1))
	}},
	{"least", false, func(y []float64) float64 {
		s := y[0]
		for _, v := range y {
			s = min(s, v)
		}
		return s
	}},
	{"greatest", false, func(y []float64) float64 {
		s := y[0]
		for _, v := range y {
			s = max(s, v)
		}
		return s
	}},
	{"share of zeros", true, func(y []float64) float64 {
		s := 0.
		for _, v := range y {
			if v == 0 {
				s++
			}
		}
		return s / float64(len(y))
	}},
}
