package systems

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/metric"
)

// newJudge trains the classifier of a seed and makes a judge of it. right is the share of held-out images that it reads
// right, which is checked.
func (set *imageSet) newJudge(ctx context.Context, b imageBudget, seed uint64, pool *ad.Pool,
	r *Result) (j *imageJudge, right float64, err error) {
	c, err := trainClassifier(ctx, set.train, set.labels, set.shape(), set.classes, b.reading, seed, pool)
	if err != nil {
		return nil, 0, err
	}
	if j, err = newImageJudge(ctx, c, set.train, set.held, set.classes, pool); err != nil {
		return nil, 0, err
	}
	_, class, err := c.read(ctx, set.held, pool)
	if err != nil {
		return nil, 0, err
	}
	if right, err = metric.Accuracy(class, set.heldLabels); err != nil {
		return nil, 0, err
	}
	r.atLeast(.95, right, "seed %d: held-out images that the classifier reads right, without which the rest says "+
		"nothing", seed)
	return j, right, nil
}

// addImageFloor takes the floor of one seed.
func (r *Result) addImageFloor(f imageFigures) {
	if r.Floor == nil {
		r.Floor = &Level{What: "floor of the Fréchet distance, training images against held-out ones"}
	}
	r.Floor.add(f.frechet)
}

// judgeFiles judges samples that lie in files, whichever program drew them, by the classifier of every seed.
func (set *imageSet) judgeFiles(ctx context.Context, cfg RunConfig, b imageBudget, pool *ad.Pool, r *Result) error {
	r.Budget = fmt.Sprintf("samples of files, judged by the classifier of %d images; held out %d", set.train.N,
		set.held.N)
	r.Columns = []string{"Fréchet", "over floor", "classes", "nearest"}
	var samples []ito.States
	for _, name := range cfg.Judge {
		x, err := set.readSamples(name)
		if err != nil {
			return err
		}
		samples = append(samples, x)
	}
	for _, seed := range cfg.Seeds {
		j, _, err := set.newJudge(ctx, b, seed, pool, r)
		if err != nil {
			return err
		}
		for i, x := range samples {
			floor, err := j.judge(ctx, set.train.Slice(0, min(x.N, set.held.N, set.train.N)))
			if err != nil {
				return err
			}
			if i == 0 {
				r.addImageFloor(floor)
			}
			f, err := j.judge(ctx, x)
			if err != nil {
				return err
			}
			r.add(cfg.Judge[i], false, f.frechet, f.frechet/floor.frechet, f.classes, f.nearest)
		}
	}
	for i, name := range cfg.Judge {
		over, _ := spread(r.column(name, "over floor"))
		r.atMost(5, over, "%s: Fréchet distance over the floor of training images", name)
		classes, _ := spread(r.column(name, "classes"))
		r.atMost(.03, classes, "%s: largest distance of a class's share from even", name)
		r.Notes = append(r.Notes, fmt.Sprintf("%s: %d samples; its floor is that of %d training images", name,
			samples[i].N, min(samples[i].N, set.held.N, set.train.N)))
	}
	return nil
}

// readSamples reads all images of a file, in pixels.
func (set *imageSet) readSamples(name string) (ito.States, error) {
	bad := func(what, do string) (ito.States, error) {
		return ito.States{}, &ito.InputError{Where: "`judge`: " + name, What: what, Do: do}
	}
	s, err := data.OpenImages(name, data.ImageOptions{})
	if err != nil {
		return ito.States{}, err
	}
	if s == nil {
		return bad("it holds no images", "give an npy file of shape [N,H,W], an IDX file or a folder of pictures")
	}
	defer s.Close()
	if s.H != set.H || s.W != set.W || s.C != set.C {
		return bad(fmt.Sprintf("its images are %d×%d×%d, those of `data` %d×%d×%d", s.H, s.W, s.C, set.H, set.W, set.C),
			"give samples of the same size")
	}
	if s.Len() < 2 {
		return bad("it holds one image", "give as many as the distance is to be taken of, 2,000 say")
	}
	s.Raw()
	x := ito.NewStates(s.Len(), s.H*s.W*s.C, 0)
	if err := s.Read(x, nil, 0); err != nil {
		return ito.States{}, err
	}
	for i, v := range x.X {
		if v < 0 || v > 255 {
			return bad(fmt.Sprintf("image %d has a pixel of %g", i/x.D, v), "give pixels from 0 to 255")
		}
	}
	return x, nil
}
