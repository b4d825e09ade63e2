package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/field"
	"github.com/seed9a7962a8/ito/learn"
	"github.com/seed9a7962a8/ito/nn"
	"github.com/seed9a7962a8/ito/path"
	"github.com/seed9a7962a8/ito/wrap"
)

func init() { wrap.Register("Wider data, for tests.", func() wrap.Maker { return broader{} }) }

// broader is the maker of a wrapping that is not the house's: that of data which are some times as wide.
type broader struct {
	Times float64 `json:"times" default:"2" above:"0" help:"How much broader."`
}

func (broader) Kind() string { return "broader" }

func (m broader) Wrap(p ito.Path, on wrap.Setting) (wrap.Wrapping, error) {
	d, ok := p.(ito.Diagonal)
	if !ok || len(on.Moments.Mean) == 0 {
		return nil, &ito.InputError{Where: "broader", What: "it needs moments and a diagonal path"}
	}
	g := ito.Gaussian{Mean: on.Moments.Mean, Cov: slices.Clone(on.Moments.Cov)}
	for i := range g.Cov {
		g.Cov[i] *= m.Times * m.Times
	}
	w, err := wrap.NewMoments(d, g)
	return &widened{scales: w, maker: m, data: on.Moments}, err
}

// scales has another name than the method Moments.
type scales = wrap.Moments

type widened struct {
	*scales
	maker broader
	data  ito.Gaussian
}

// Moments are those of the data, of which the maker makes the same again.
func (w *widened) Moments() ito.Gaussian { return w.data }

func (*widened) Kind() string        { return "broader" }
func (w *widened) Maker() wrap.Maker { return w.maker }

// A network that was trained in a wrapping of somebody else's is stored with its word and the moments of the data, and
// comes back with the same predictions; a program without it says so.
func TestOwnWrapping(t *testing.T) {
	c := learn.DefaultConfig()
	c.Steps, c.Batch = 30, 16
	var err error
	if c.Wrapping, err = wrap.Parse("broader:times=3"); err != nil {
		t.Fatal(err)
	}
	x := ito.NewStates(50, 2, 0)
	for i := range x.X {
		x.X[i] = float64(i%7) - float64(i%3)
	}
	data := learn.Data{X: x}
	net, err := nn.New(nn.MLP{Width: 6, Depth: 1}, c.Objective.Ports(data.Space(), 0, false), 1)
	if err != nil {
		t.Fatal(err)
	}
	fit := func(c learn.Config) *field.Net {
		tr, err := learn.NewTrainer(c, net, data, learn.Drawn{})
		if err == nil {
			err = errors.Join(tr.Bind(path.VP{BetaMin: .1, BetaMax: 20, Power: 1}), tr.Run(context.Background(), 30,
				learn.LoopOptions{}))
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := tr.Field()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := fit(c)
	m := &ito.Model{Path: f.Bound(), Field: f, Columns: []string{"a", "b"}}
	file := filepath.Join(t.TempDir(), "m")
	m.Field = f
	if err := SaveModel(file, m); err != nil {
		t.Fatal(err)
	}
	got, err := LoadModel(file)
	if err != nil {
		t.Fatal(err)
	}
	predict := func(f ito.Field) []float64 {
		y := x.Like(2)
		if err := f.Predict(context.Background(), y, x, ito.Times{.4}, ito.Cond{}); err != nil {
			t.Fatal(err)
		}
		return y.X
	}
	if got.Field.(*field.Net).Wrap.Kind() != "broader" || !slices.Equal(predict(got.Field), predict(f)) {
		t.Error("the model comes back with other predictions")
	}
	plain := c
	plain.Wrapping = nil
	if slices.Equal(predict(fit(plain)), predict(f)) {
		t.Error("the wrapping does nothing")
	}
	whole := must(ReadFile(file))
	whole.Metadata[keyModel] = strings.Replace(whole.Metadata[keyModel], `"kind":"broader"`,
		`"kind":"narrow","package":"example.com/narrow"`, 1)
	if err := Save(file, whole); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadModel(file); !errors.Is(err, ito.ErrInput) || !strings.Contains(err.Error(),
		"wrapping narrow is not in this program; package example.com/narrow registers it") {
		t.Error(err)
	}
}
