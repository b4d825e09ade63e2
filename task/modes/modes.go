// Package modes finds the modes of a model's density.
package modes

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// Config sets which model, how, and where the modes go.
type Config struct {
	Model string `arg:"" where:"local" help:"A model that ito train wrote"`
	Out   string `where:"local" placeholder:"FILE.csv" help:"Also write the modes to this file, a row each, with their shares before the columns of the data"`

	recipe.ModesConfig `embed:"" group:"Configuration"`
}

// Report is what was found, and what it means.
type Report struct {
	recipe.Modes
	Verdict string `json:"verdict" says:"settings"`
}

// Run finds the modes.
func Run(ctx context.Context, c Config, env task.Env) (Report, error) {
	if c.Out != "" && filepath.Ext(c.Out) != ".csv" {
		return Report{}, &ito.InputError{Where: "`out` " + c.Out, What: "modes are written as CSV",
			Do: "give a name that ends in .csv"}
	}
	m, _, err := task.LoadModel(c.Model)
	if err != nil {
		return Report{}, err
	}
	if err := dense(m); err != nil {
		return Report{}, err
	}
	found, err := recipe.FindModes(ctx, m, c.ModesConfig)
	if err != nil {
		return Report{}, err
	}
	r := Report{found, verdict(found, c.Annealed)}
	if c.Out == "" {
		return r, nil
	}
	return r, store.WriteFile(c.Out, func(w io.Writer) error { return table(w, found) })
}

// dense refuses a model whose rows have no density: of levels, dates or words, or of numbers that a mask absorbs.
func dense(m *ito.Model) error {
	t, ok := m.Encoding.(*encode.Table)
	if !ok {
		return nil
	}
	var numbers int
	var others []string
	for _, k := range t.Schema.Columns {
		switch {
		case k.Numbers():
			numbers++
		case !k.Ignored:
			others = append(others, k.Name)
		}
	}
	no := &ito.UnsupportedError{}
	switch {
	case len(others) > 0:
		k := t.Schema.Columns[t.Schema.Find(others[0])]
		no.What, no.Why = "modes of column "+k.Name, "its values are "+string(k.Kind)
		no.Nearest = "a model of columns of numbers"
		if numbers > 0 && len(others) <= 20 {
			no.Nearest = "a model of the columns of numbers alone, trained with `ignore=" + strings.Join(others, ",") +
				"` and `path=edm`"
		}
		return no
	case ito.Has(m.Path, path.CapMixed):
		no.What, no.Nearest = "modes on path mixed", "a model trained with `path=edm`"
		no.Why = "numbers of few values are levels there, which a mask absorbs"
		return no
	}
	return nil
}

func table(w io.Writer, found recipe.Modes) error {
	out := csv.NewWriter(w)
	if err := out.Write(append([]string{"share"}, found.Columns...)); err != nil {
		return err
	}
	for _, m := range found.Modes {
		row := []string{strconv.FormatFloat(m.Share, 'g', -1, 64)}
		for _, v := range m.At {
			row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// verdict describes what the numbers allow to be said.
func verdict(found recipe.Modes, annealed bool) string {
	rare := 0
	for _, m := range found.Modes {
		if m.Starts < 3 {
			rare++
		}
	}
	switch moving := found.Starts - found.Still; {
	case moving > 0:
		return fmt.Sprintf("%d of %d starts still moved after %d steps, so modes may be told apart that are one: give "+
			"more `steps` or a larger `bandwidth`", moving, found.Starts, found.Steps)
	case annealed && len(found.Modes) > 1:
		return "bandwidths that fall lead to several modes: none is clearly the heaviest"
	case annealed:
		return "the mode to which bandwidths that fall lead"
	case rare > 0:
		return fmt.Sprintf("%d of %d modes were met by one or two starts; there may be more: give more `starts`", rare,
			len(found.Modes))
	}
	return fmt.Sprintf("every mode was met by three starts or more; one that was missed has less than %.2g of the "+
		"probability that the model has learnt, but for one case in twenty: whether the data have these modes ito "+
		"eval says, by how near the model's samples are to them", 3/float64(found.Starts))
}
