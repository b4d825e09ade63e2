package forecast

import (
	"context"
	"fmt"
	"math"

	"github.com/seed9a7962a8/ito/forecast"
	"github.com/seed9a7962a8/ito/plot"
)

// mostShown series are drawn.
const mostShown = 6

// chart draws the first forecasts behind their history.
func chart(model string, ws []forecast.Window, fs []forecast.Forecast, sum bool) (plot.Figure, error) {
	fig := plot.Figure{Title: "forecasts by " + model}
	naive, err := forecast.Parse("seasonal-naive")
	if err != nil {
		return fig, err
	}
	base, err := naive.Fit(context.Background(), nil, forecast.FitOptions{})
	if err != nil {
		return fig, err
	}
	for i := range fs {
		f, w := &fs[i], ws[i]
		h := f.Horizon()
		p := plot.Panel{Title: f.ID, X: "steps from " + f.Start.Format("2006-01-02 15:04 MST")}
		var ahead []float64
		for t := range h {
			ahead = append(ahead, float64(t))
		}
		n := len(f.Levels)
		for k := range n / 2 {
			name := fmt.Sprintf("%g–%g %%", 100*f.Levels[k], 100*f.Levels[n-1-k])
			p.Layers = append(p.Layers, plot.Fan{Name: name, X: ahead, Lo: f.Quantile(k), Hi: f.Quantile(n - 1 - k),
				Alpha: .18 + .3*float64(k)/float64(max(n/2, 1))})
		}
		middle := f.Mean
		if n%2 == 1 {
			middle = f.Quantile(n / 2)
		}
		p.Layers = append(p.Layers, plot.Curve{Name: map[bool]string{true: "median", false: "mean"}[n%2 == 1], X: ahead,
			Y: middle})
		if !sum {
			b, err := base.Predict(context.Background(), []forecast.Window{w}, forecast.Request{})
			if err != nil {
				return fig, err
			}
			p.Layers = append(p.Layers, plot.Curve{Name: "seasonal naive", X: ahead, Y: b[0].Mean, Dash: true,
				Color: plot.Palette[1], Width: .9})
			p.Layers = append(p.Layers, history(w, 3*h)...)
		}
		fig.Panels = append(fig.Panels, p)
	}
	return fig, nil
}

// history draws the last n values, with gaps where they are missing.
func history(w forecast.Window, n int) []plot.Layer {
	var out []plot.Layer
	var c plot.Curve
	flush := func() {
		if len(c.X) > 0 {
			if len(out) == 0 {
				c.Name = "history"
			}
			c.Color = plot.Grey
			out = append(out, c)
		}
		c = plot.Curve{}
	}
	for k := max(0, w.Origin()-max(n, 2*w.Freq.Season())); k < w.Origin(); k++ {
		if v := w.Values[k]; math.IsNaN(v) {
			flush()
		} else {
			c.X, c.Y = append(c.X, float64(k-w.Origin())), append(c.Y, v)
		}
	}
	flush()
	return out
}
