package systems

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/rng"
)

// imageSet is images with labels, the first four fifths to train on and the others held out.
type imageSet struct {
	*data.Images
	train, held        ito.States // pixels
	labels, heldLabels []int
	classes            int
}

// openMNIST opens a folder with one file of images and one of labels, IDX as MNIST's, gzipped or not.
func openMNIST(folder string) (*imageSet, error) {
	find := func(pattern string) (string, error) {
		names, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(names) != 1 {
			return "", &ito.InputError{Where: "`data`", What: fmt.Sprintf("%s holds %d files %s", folder,
				len(names), pattern),
				Do: "give a folder with one file of images and one of labels, as t10k-images-idx3-ubyte.gz and " +
					"t10k-labels-idx1-ubyte.gz of MNIST"}
		}
		return names[0], nil
	}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, &ito.InputError{Where: "`data`", What: fmt.Sprintf("%s is no folder", folder),
			Do: "give the folder of MNIST's files"}
	}
	images, err := find("*-images-idx3-ubyte*")
	if err != nil {
		return nil, err
	}
	labels, err := find("*-labels-idx1-ubyte*")
	if err != nil {
		return nil, err
	}
	set, err := data.OpenImages(images, data.ImageOptions{Labels: labels})
	if err != nil {
		return nil, err
	}
	if set == nil {
		return nil, &ito.InputError{Where: images, What: "it holds no images"}
	}
	s := &imageSet{Images: set}
	if err := s.split(); err != nil {
		set.Close()
		return nil, err
	}
	return s, nil
}

// split reads everything.
func (s *imageSet) split() error {
	n, d := s.Images.Len(), s.H*s.W*s.C
	if len(s.Conditions) != 1 || len(s.Conditions[0].Levels) < 2 || n < 20 {
		return &ito.InputError{Where: s.Name, What: fmt.Sprintf("%d images with labels %v", n, s.Conditions),
			Do: "give 20 or more, and labels of two classes or more"}
	}
	s.classes = len(s.Conditions[0].Levels)
	x, cond := ito.NewStates(n, d, 0), make([]float64, n*s.CondWidth())
	if err := s.Images.Read(x, cond, 0); err != nil {
		return err
	}
	for i, v := range x.X {
		x.X[i] = (v + 1) * 127.5
	}
	all := make([]int, n)
	for i := range n {
		for k, v := range cond[i*s.CondWidth() : (i+1)*s.CondWidth()] {
			if v > 0 && k < s.classes {
				all[i] = k
			}
		}
	}
	cut := n * 4 / 5
	s.train, s.held, s.labels, s.heldLabels = x.Slice(0, cut), x.Slice(cut, n), all[:cut], all[cut:]
	return nil
}

func (s *imageSet) shape() []int { return []int{s.H, s.W, s.C} }

// source is what a model is trained on.
func (s *imageSet) source() recipe.Set {
	first := &firstImages{s.Images, s.train.N}
	return recipe.Set{Source: first, Name: s.Name + ", the first " + strconv.Itoa(first.n), Transform: s.Transform,
		Conditions: s.Conditions}
}

// firstImages are the first n of a set of images, drawn with replacement.
type firstImages struct {
	*data.Images
	n int
}

// Len implements ito.Source.
func (s *firstImages) Len() int { return s.n }

// Digest implements ito.Source.
func (s *firstImages) Digest() string { return fmt.Sprintf("%s:%d", s.Images.Digest(), s.n) }

// Example implements ito.Coupled.
func (s *firstImages) Example(seed uint64, step uint32, id uint64) int {
	return rng.NewKey(seed, rng.PurposeData, step, 0).Intn(id, 0, s.n)
}

// Fill implements ito.Source.
func (s *firstImages) Fill(dst ito.States, cond []float64, seed uint64, step uint32) error {
	w := s.CondWidth()
	for i, id := range dst.ID {
		if err := s.Images.Read(dst.Slice(i, i+1), cond[i*w:(i+1)*w], s.Example(seed, step, id)); err != nil {
			return err
		}
	}
	return nil
}
