// Package zoo holds known problems for samplers, with what is known about them.
//
// A target that Open returns carries no truth. Log Z, modes and exact draws come from Known, which is for
// benchmarks and tests only.
package zoo

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/examples/models"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/target/model"
)

// Entry describes a problem.
type Entry struct {
	Name string
	Dim  int
	Hard string // what it is hard for
	open func(pool *ad.Pool) (ito.Target, error)
	know func() Truth
}

// Truth is what is known about a problem.
type Truth struct {
	LogZ   float64 // NaN: not known
	LogZSE float64 // standard error of LogZ where it was sampled; 0: exact to the digits given
	// Modes are the centres of well-separated modes and Weights their probabilities; nil where there are none.
	Modes   [][]float64
	Weights []float64
	// Sample fills dst with independent exact draws: row i depends on seed and the row's id alone. nil where
	// there is no exact sampler.
	Sample func(dst ito.States, seed uint64)
	// Normalise maps a state, in place, to d coordinates that are independent and standard normal under the
	// density; nil where no such map is known. Where scales differ by orders of magnitude these say more than
	// distances do.
	Normalise func(x []float64)
}

// UnknownError is a name that is not in the zoo.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	do := "there is " + strings.Join(Names(), ", ")
	if near := suggest.Nearest(e.Name, Names()); near != "" {
		do = fmt.Sprintf("did you mean %q?", "zoo:"+near)
	}
	return fmt.Sprintf("zoo: there is no %q; %s", e.Name, do)
}

// Is matches ito.ErrInput.
func (e *UnknownError) Is(target error) bool { return target == ito.ErrInput }

// Entries lists the zoo, small problems first.
func Entries() []Entry { return slices.Clone(entries) }

// Names lists the names of the zoo.
func Names() []string {
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name
	}
	return names
}

// Open makes the target of a name, with or without the prefix "zoo:". pool may be nil.
func Open(name string, pool *ad.Pool) (ito.Target, error) {
	e, err := find(name)
	if err != nil {
		return nil, err
	}
	return e.open(pool)
}

// Known is the truth about a problem, for benchmarks and tests; samplers never see it.
func Known(name string) (Truth, error) {
	e, err := find(name)
	if err != nil {
		return Truth{}, err
	}
	if e.know == nil {
		return Truth{LogZ: math.NaN()}, nil
	}
	return e.know(), nil
}

func find(name string) (Entry, error) {
	name = strings.TrimPrefix(name, "zoo:")
	for _, e := range entries {
		if e.Name == name {
			return e, nil
		}
	}
	return Entry{}, &UnknownError{name}
}

func ofLogZ(z, se float64) func() Truth { return func() Truth { return Truth{LogZ: z, LogZSE: se} } }

// entries is the zoo. Log Z: exact or by quadrature, tested here, unless a standard error is given.
var entries = []Entry{
	{"two", 1, "unequal weights: .1 and .9 at ∓5", twoModes.open, twoModes.truth},
	{"grid9", 2, "nine modes: PIS and DDS with the KL loss collapse (arXiv:2307.01198)", grid9.open, grid9.truth},
	{"grid16", 2, "sixteen separated modes", grid16.open, grid16.truth},
	{"gmm40", 2, "forty modes of FAB, means and all (arXiv:2208.01893)", fab40.open, fab40.truth},
	{"gmm40-vsm", 2, "forty narrower modes of \"Beyond ELBOs\" (arXiv:2406.07423)", vsm40.open, vsm40.truth},
	{"gmm40-50d", 50, "the same in fifty dimensions: no local method finds the modes", vsm40x50.open, vsm40x50.truth},
	{"rings", 2, "three thin concentric rings of PIS (arXiv:2111.15141)", ringsPIS.open, ringsPIS.truth},
	{"rings-vsm", 2, "smooth concentric rings of \"Beyond ELBOs\"", ringsVSM.open, ringsVSM.truth},
	{"moons", 2, "two curved modes", openMoons, moonsTruth},
	{"funnel", 10, "scales from e^-9 to e^9 (Neal 2003)", openFunnel, funnelTruth},
	{"dw5", 5, "32 separated wells", doubleWell{d: 5, wells: 5, delta: 4}.open, doubleWell{d: 5, wells: 5,
		delta: 4}.truth},
	{"dw50", 50, "32 wells among 45 normals", doubleWell{d: 50, wells: 5, delta: 2}.open, doubleWell{d: 50, wells: 5,
		delta: 2}.truth},
	{"manywell", 32, "65536 modes of unequal weight", openManyWell, manyWellTruth},
	{"eight_schools", 10, "a funnel made harmless: the first thing to try", ofModel("eight_schools.star",
		"eight_schools.json"), nil},
	{"ionosphere", 35, "evidence of a logistic regression", ofModel("logistic.star", "ionosphere.csv"),
		ofLogZ(-111.614, .02)},
	{"sonar", 61, "evidence of a logistic regression", ofModel("logistic.star", "sonar.csv"), ofLogZ(-108.364, .02)},
	{"german_credit", 25, "a logistic regression in inference_gym's form", ofModel("german_credit.star",
		"german_credit.csv"), nil},
	{"brownian", 32, "two scales and a gap in the data", ofModel("brownian.star", "brownian.json"), ofLogZ(1.18775, 0)},
	{"lgcp", 1600, "1600 dimensions; the file of 126 points", ofModel("lgcp.star", "pines_126.csv"),
		ofLogZ(501.79, .02)},
	{"lgcp127", 1600, "the same; the file of 127 points, of the DDS paper", ofModel("lgcp.star", "pines_127.csv"),
		ofLogZ(512.4, .1)},
}

// ofModel opens an example model file.
func ofModel(star, data string) func(pool *ad.Pool) (ito.Target, error) {
	return func(pool *ad.Pool) (ito.Target, error) {
		src, err := models.Files.ReadFile(star)
		if err != nil {
			return nil, err
		}
		b, err := models.Files.ReadFile(data)
		if err != nil {
			return nil, err
		}
		d, err := modeldata.Read(data, b)
		if err != nil {
			return nil, err
		}
		return model.Compile(star, string(src), d, model.CompileOptions{Pool: pool})
	}
}
