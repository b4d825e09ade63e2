package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/infer"
	"github.com/seed9a7962a8/ito/infer/pathspace"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// lossJudge holds a target with its truth.
type lossJudge struct {
	bench  LossBench
	target ito.Target
	truth  zoo.Truth
}

// lossScores are the numbers of the repeats.
type lossScores struct{ logz, bound, ess, found, tv []float64 }

// line trains by a loss at a learning rate, or not at all without an event, and judges.
func (j lossJudge) line(ctx context.Context, loss string, rate float64, event *LossEvent) (LossLine, error) {
	b := j.bench
	l := LossLine{Loss: loss, Rate: rate, Repeats: b.Repeats}
	var scores lossScores
	for r := range b.Repeats {
		seed := b.Seed + uint64(r)
		pr, err := b.process(j.target.Dim(), seed)
		if err != nil {
			return l, err
		}
		control, err := pathspace.NewLearned(pr, j.target.Dim(), pathspace.NetworkShape{Width: b.Width}, seed)
		if err != nil {
			return l, err
		}
		kernel := pathspace.Controlled{Process: pr, Control: control, Particles: b.Paths}
		if event == nil {
			kernel.Control = nil
		} else if l.Failed, err = j.train(ctx, &l, control, seed, event); err != nil || l.Failed != "" {
			return l, err
		}
		if err := j.judge(ctx, kernel, &scores); err != nil {
			return l, err
		}
	}
	l.LogZError, l.Bound, l.ESS, l.Found, l.TV = lossNumber(scores.logz), lossNumber(scores.bound),
		lossNumber(scores.ess), lossNumber(scores.found), lossNumber(scores.tv)
	return l, nil
}

// train runs one training. One that runs into numbers that are not finite is no error of the bench: failed says
// what it was.
func (j lossJudge) train(ctx context.Context, l *LossLine, control *pathspace.Learned, seed uint64, event *LossEvent) (
	failed string, err error) {
	b := j.bench
	o, err := objective(l.Loss)
	if err != nil {
		return "", err
	}
	c := &pathspace.Training{Target: j.target, Control: control, PathLoss: o, Batch: b.Batch, Iterations: b.Iterations,
		LearningRate: l.Rate, Seed: seed, Pool: b.Pool}
	began := b.Now()
	err = c.Run(ctx, func(loss infer.TrainingReport) error {
		if b.Progress != nil {
			event.Name, event.Step, event.Steps, event.Loss = fmt.Sprintf("%s %g", l.Loss, l.Rate),
				loss.Iteration+1, b.Iterations, loss
			event.Elapsed = b.Now().Sub(began)
			b.Progress(*event)
		}
		return nil
	})
	event.Done++
	l.Seconds += b.Now().Sub(began).Seconds() / float64(b.Repeats)
	l.Gradients += c.Gradients() / float64(b.Repeats)
	var infinite *ito.NonFiniteError
	if errors.As(err, &infinite) {
		return err.Error(), nil
	}
	return "", err
}

// judge simulates 4 runs with the same noise for every control.
func (j lossJudge) judge(ctx context.Context, k pathspace.Controlled, scores *lossScores) error {
	const runs, noise = 4, 99
	s := infer.NewState(k, runs, j.target.Dim(), 0)
	r, err := infer.Run(ctx, j.target, k, s, infer.RunOptions{Seed: noise})
	if err != nil {
		return err
	}
	var ess, bound float64
	for g, q := range infer.Qualities(s) {
		ess += q.ESS / float64(q.Particles) / runs
		bound += s.Var("elbo")[g] / runs
	}
	scores.ess = append(scores.ess, ess)
	if z := j.truth.LogZ; !math.IsNaN(z) {
		scores.logz = append(scores.logz, math.Abs(r.Evidence().LogZ-z))
		scores.bound = append(scores.bound, z-bound)
	}
	if len(j.truth.Modes) > 0 {
		found, tv := modeShares(s.Particles(), j.truth)
		scores.found, scores.tv = append(scores.found, found), append(scores.tv, tv)
	}
	return nil
}

// floor is what exact draws have: no error, full weights, and the total variation that as many exact draws have in
// the mean.
func (j lossJudge) floor() LossLine {
	l := LossLine{Loss: "exact draws", ESS: &LossNumber{Mean: 1}}
	if !math.IsNaN(j.truth.LogZ) {
		l.LogZError, l.Bound = &LossNumber{}, &LossNumber{}
	}
	if len(j.truth.Modes) > 0 {
		tv := 0.
		for _, w := range j.truth.Weights {
			tv += math.Sqrt(w * (1 - w) / (2 * math.Pi * float64(4*j.bench.Paths)))
		}
		l.Found, l.TV = &LossNumber{Mean: float64(len(j.truth.Modes))}, &LossNumber{Mean: tv}
	}
	return l
}

// modeShares counts the modes that have a fifth of their share or more, and the total variation of all shares, by
// the nearest centre.
func modeShares(x ito.States, truth zoo.Truth) (found, tv float64) {
	for k, p := range nearestShares(x, truth.Modes) {
		tv += math.Abs(p-truth.Weights[k]) / 2
		if p >= truth.Weights[k]/5 {
			found++
		}
	}
	return found, tv
}
