package systems

import (
	"context"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/internal/matrix"
	"github.com/seed9a7962a8/ito/metric"
	"github.com/seed9a7962a8/ito/rng"
)

// imageJudge compares sets of images with held-out ones, by the features of a classifier.
type imageJudge struct {
	c           *classifier
	pool        *ad.Pool
	train, held ito.States
	classes     int
	heldMoments ito.Gaussian
}

func newImageJudge(ctx context.Context, c *classifier, train, held ito.States, classes int,
	pool *ad.Pool) (*imageJudge, error) {
	j := &imageJudge{c: c, pool: pool, train: train, held: held, classes: classes}
	f, _, err := c.read(ctx, held, pool)
	if err != nil {
		return nil, err
	}
	j.heldMoments, err = metric.Moments(f)
	return j, err
}

// imageFigures are what is measured of a set of images.
type imageFigures struct {
	frechet float64 // squared W2 of normals with the moments of the features, to the held-out images
	classes float64 // the largest distance of a class's share from even, of the classes as read
	nearest float64 // median distance to the nearest training image, over that of held-out images
}

// nearestRows is how many images the distance to the nearest training image is taken of.
const nearestRows = 300

func (j *imageJudge) judge(ctx context.Context, x ito.States) (f imageFigures, err error) {
	features, class, err := j.c.read(ctx, x, j.pool)
	if err != nil {
		return f, err
	}
	if f.frechet, err = j.frechet(features); err != nil {
		return f, err
	}
	share := make([]float64, j.classes)
	for _, k := range class {
		share[k] += 1 / float64(len(class))
	}
	for _, s := range share {
		f.classes = math.Max(f.classes, math.Abs(s-1/float64(j.classes)))
	}
	few := func(x ito.States) ito.States { return x.Slice(0, min(x.N, nearestRows)) }
	f.nearest = nearestOf(j.train, few(x)) / nearestOf(j.train, few(j.held))
	return f, nil
}

// frechet is the Fréchet distance of features to those of the held-out images (Heusel et al. 2017, arXiv:1706.08500,
// with the features of this classifier).
func (j *imageJudge) frechet(features ito.States) (float64, error) {
	m, err := metric.Moments(features)
	if err != nil {
		return 0, err
	}
	w, err := metric.GaussianW2(m, j.heldMoments)
	return w * w, err
}

// nearestOf is the median distance of the rows of x to the nearest row of train, 0 for one of them.
func nearestOf(train, x ito.States) float64 {
	out := make([]float64, x.N)
	for i := range out {
		least := math.Inf(1)
		a := x.Row(i)
		for k := range train.N {
			s := 0.
			for e, v := range train.Row(k) {
				d := v - a[e]
				if s += d * d; s >= least {
					break
				}
			}
			least = math.Min(least, s)
		}
		out[i] = math.Sqrt(least)
	}
	return median(out)
}

// gaussianImages are n draws from the normal distribution with the moments of x, at the pixels' bounds.
func gaussianImages(x ito.States, n int, seed uint64) (ito.States, error) {
	m, err := metric.Moments(x)
	if err != nil {
		return ito.States{}, err
	}
	root, ok := matrix.Root(m.Cov, x.D)
	if !ok {
		return ito.States{}, &ito.NonFiniteError{What: "root of the covariance of the images"}
	}
	out := ito.NewStates(n, x.D, 0)
	z := make([]float64, x.D)
	for i := range n {
		rng.NewKey(seed, rng.PurposeMetric, 0, 0).Normals64(z, x.D, []uint64{uint64(i)})
		row := out.Row(i)
		for r := range row {
			s := m.Mean[r]
			for k, v := range root[r*x.D : (r+1)*x.D] {
				s += float64(v * z[k])
			}
			row[r] = math.Min(math.Max(s, 0), 255)
		}
	}
	return out, nil
}

// rememberedImages are n of the rows of x, drawn with replacement: what a model that has learnt by heart writes.
func rememberedImages(x ito.States, n int, seed uint64) ito.States {
	out := ito.NewStates(n, x.D, 0)
	for i := range n {
		copy(out.Row(i), x.Row(rng.NewKey(seed, rng.PurposeMetric, 1, 0).Intn(uint64(i), 0, x.N)))
	}
	return out
}
