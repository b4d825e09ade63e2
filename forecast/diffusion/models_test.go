package diffusion

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/store"
)

// small are the models at a size for tests.
var small = []string{
	`tsdiff:context=14,network="tcn:width=4,depth=2",steps=4,batch=8,calls=5`,
	`tsdiff:context=14,network="s4:width=4,layers=1,states=4,both=true",condition=true,steps=4,batch=8,calls=5`,
	`csdi:context=14,network="csdi:channels=4,layers=1,heads=2,hidden=4,time-dim=4,position-dim=4,feature-dim=2",steps=4,batch=8,calls=5,grid=gits`,
	`csdi:context=9,joint=true,hide=random,network="csdi:channels=4,layers=1,heads=2,hidden=4,time-dim=4,position-dim=4,feature-dim=2",steps=4,batch=8,calls=5,precision=bf16`,
	`vsdm:context=9,stages=2,units=4,width=6,steps=8,batch=8,calls=4,precision=bf16`,
	`vsdm:context=9,joint=true,path=vsmd,stages=1,units=4,width=6,steps=8,batch=8,calls=4,scale=standard`,
	`vsdm:context=9,joint=true,path=cld,units=4,width=6,steps=8,batch=8,calls=4`,
}

var asked = forecast.Request{Levels: []float64{.1, .5, .9}, Paths: 6, Seed: 3}

// A forecast has the same bytes whatever windows are beside it, with any number of workers, from a file, where its
// training was interrupted, and whatever the order of the series; nothing after the origin has a part in it.
func TestForecastsHaveTheSameBytes(t *testing.T) {
	for _, word := range small {
		t.Run(word, func(t *testing.T) {
			d := waves(3, 60)
			o := forecast.FitOptions{Horizon: 5, Seed: 2}
			f := fitted(t, word, d, o)
			want := must[[]forecast.Forecast](t)(f.Predict(t.Context(), ends(d, 5), asked))

			pool := ad.NewPool(3)
			defer pool.Close()
			more := asked
			more.Pool = pool
			ws := ends(d, 5)
			slices.Reverse(ws)
			got := must[[]forecast.Forecast](t)(f.Predict(t.Context(), ws, more))
			slices.Reverse(got)
			if !reflect.DeepEqual(got, want) {
				t.Error("other windows first and more workers: other bytes")
			}

			turned := waves(3, 60)
			slices.Reverse(turned.Series)
			got = must[[]forecast.Forecast](t)(fitted(t, word, turned, o).Predict(t.Context(), ends(d, 5), asked))
			if !reflect.DeepEqual(got, want) {
				t.Error("series in another order make another model")
			}

			spoilt := waves(3, 60)
			for _, s := range spoilt.Series {
				for k := 55; k < 60; k++ {
					s.Values[k] = math.NaN()
				}
			}
			got = must[[]forecast.Forecast](t)(f.Predict(t.Context(), ends(spoilt, 5), asked))
			if !reflect.DeepEqual(got, want) {
				t.Error("what came after the origin changes the forecast")
			}

			model := must[forecast.Model](t)(forecast.Parse(word))
			file := filepath.Join(t.TempDir(), "m.safetensors")
			h := must[forecast.Header](t)(forecast.NewHeader(model, d, o))
			if err := forecast.Save(file, h, f); err != nil {
				t.Fatal(err)
			}
			_, back, err := forecast.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			got = must[[]forecast.Forecast](t)(back.Predict(t.Context(), ends(d, 5), asked))
			if !reflect.DeepEqual(got, want) {
				t.Error("a model from its file forecasts otherwise")
			}

			own := o
			own.Pool, own.Every = pool, 1
			own.Checkpoints = store.CheckpointFile(filepath.Join(t.TempDir(), "c"))
			ctx, stop := context.WithCancel(t.Context())
			count := 0
			own.Checkpoints = stopping{own.Checkpoints, func() {
				if count++; count == 2 {
					stop()
				}
			}}
			if _, err := model.Fit(ctx, d, own); !errors.Is(err, context.Canceled) {
				t.Fatalf("an interrupted training: %v", err)
			}
			resumed := must[forecast.Fitted](t)(model.Fit(t.Context(), d, own))
			got = must[[]forecast.Forecast](t)(resumed.Predict(t.Context(), ends(d, 5), asked))
			if !reflect.DeepEqual(got, want) {
				t.Error("a training that was interrupted makes another model")
			}
		})
	}
}

// stopping calls what stops a training after a checkpoint.
type stopping struct {
	store.Checkpoints
	saved func()
}

func (s stopping) Save(c *store.Checkpoint) error {
	err := s.Checkpoints.Save(c)
	s.saved()
	return err
}

// The order of the series in a set has no part in a forecast by a model that was trained, and gaps are no zeros.
func TestGapsAreForecast(t *testing.T) {
	for _, word := range small {
		if strings.HasPrefix(word, "vsdm") {
			continue
		}
		d := waves(3, 60)
		for _, s := range d.Series {
			for k := 3; k < len(s.Values); k += 9 {
				s.Values[k] = math.NaN()
			}
		}
		f := fitted(t, word, d, forecast.FitOptions{Horizon: 5, Seed: 2})
		for i, g := range must[[]forecast.Forecast](t)(f.Predict(t.Context(), ends(d, 5), asked)) {
			lo, hi := math.Inf(1), math.Inf(-1)
			for _, v := range d.Series[i].Values {
				if !math.IsNaN(v) {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
			for _, v := range g.Mean {
				if v < lo-(hi-lo) || v > hi+(hi-lo) {
					t.Errorf("%s: a forecast of %g for values between %g and %g", word, v, lo, hi)
				}
			}
		}
	}
}

// What a model cannot do is refused with what to do.
func TestModelsRefuse(t *testing.T) {
	d := waves(2, 60)
	o := forecast.FitOptions{Horizon: 5, Seed: 2}
	for _, word := range small {
		f := fitted(t, word, d, o)
		empty := waves(1, 60)
		for k := range empty.Series[0].Values {
			empty.Series[0].Values[k] = math.NaN()
		}
		for name, ws := range map[string][]forecast.Window{"a longer horizon": ends(d, 6), "nothing": ends(empty, 5)} {
			if _, err := f.Predict(t.Context(), ws, asked); !errors.Is(err, ito.ErrInput) {
				t.Errorf("%s: %s: %v", word, name, err)
			}
		}
		m := must[forecast.Model](t)(forecast.Parse(word))
		if _, err := m.Fit(t.Context(), waves(1, 4), o); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: short series: %v", word, err)
		}
		if _, err := m.Restore(forecast.State{Config: []byte("{}")}); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s: a state that is none: %v", word, err)
		}
	}
	for _, word := range []string{`tsdiff:network=mlp`, `tsdiff:guidance=cube`, `tsdiff:calls=0`, `tsdiff:context=-1`} {
		if m, err := forecast.Parse(word); !errors.Is(err, ito.ErrInput) {
			t.Errorf("%s is %+v, %v", word, m, err)
		}
	}
}

// A model that is hardly trained forecasts waves better than the last value does, since it knows their covariance.
func TestTSDiffForecastsWaves(t *testing.T) {
	d := waves(4, 200)
	f := fitted(t, strings.Replace(small[0], "calls=5", "calls=20", 1), d, forecast.FitOptions{Horizon: 7, Seed: 2})
	r := asked
	r.Paths = 40
	ws := ends(d, 7)
	sum, naive := 0., 0.
	for i, g := range must[[]forecast.Forecast](t)(f.Predict(t.Context(), ws, r)) {
		v := d.Series[i].Values
		for h := range 7 {
			scale := v[193]
			sum += math.Abs(g.Quantile(1)[h]-v[193+h]) / scale
			naive += math.Abs(v[192]-v[193+h]) / scale
		}
	}
	if sum > .7*naive {
		t.Errorf("error %.3f, of the last value %.3f", sum, naive)
	}
}
