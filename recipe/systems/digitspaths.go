package systems

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/recipe"
)

var digitsPathsRecipe = Recipe{Name: "digits-paths", images: true,
	run: func(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error {
		return runImages(ctx, cfg, run, r, openDigits, imageBudget{name: "digits-paths",
			network: digitsPathsNetwork, steps: digitsPathsSteps, reading: mnistClassifierSteps,
			samples: digitsPathsSamples, calls: mnistCalls, paths: mnistPathsOfStage})
	},
	Summary: "8×8 digits by the same U-Net on a diagonal Schrödinger path, VP and EDM, judged as the recipe mnist " +
		"judges its own"}

// The budget of the recipe: minutes of a core for three seeds. There are as many samples as images are held out.
const (
	digitsPathsNetwork = "unet2d:base=8,mult=1-2,groups=4"
	digitsPathsSteps   = 2000
	digitsPathsSamples = 359
)

// openDigits reads the digits of a table, 64 columns of ink from 0 to 16 and a label, as images of bytes.
func openDigits(name string) (*imageSet, error) {
	const side, ink = 8, 16
	t, err := data.Open(name, data.OpenOptions{})
	if err != nil {
		return nil, err
	}
	rest, _, err := t.Take([]string{"label"})
	if err != nil {
		return nil, err
	}
	if rest.Cols != side*side {
		return nil, &ito.InputError{Where: name, What: fmt.Sprintf("%d columns beside the label", rest.Cols),
			Do: "give 64, as examples/digits.csv has"}
	}
	pixels := make([]byte, len(rest.X))
	for i, v := range rest.X {
		if !(v >= 0 && v <= ink) {
			return nil, &ito.InputError{Where: name, What: fmt.Sprintf("row %d has ink of %g", 1+i/rest.Cols, v),
				Do: "give numbers from 0 to 16"}
		}
		pixels[i] = byte(math.Round(v * 255 / ink))
	}
	labels, err := t.Without(rest.Columns)
	if err != nil {
		return nil, err
	}
	set, err := data.ImagesOf(t.Name, pixels, side, side, 1, labels)
	if err != nil {
		return nil, err
	}
	s := &imageSet{Images: set}
	return s, s.split()
}
