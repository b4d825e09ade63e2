package evaluate

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/tabular"
)

// svg is a picture of fixed size that scales with its place. Colours are the page's: classes real, synthetic, axis.
type svg struct {
	b    strings.Builder
	w, h float64
}

func newSVG(w, h float64, about string) *svg {
	s := &svg{w: w, h: h}
	fmt.Fprintf(&s.b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, w, h, html.EscapeString(about))
	return s
}

func (s *svg) rect(class string, x, y, w, h float64, title string) {
	fmt.Fprintf(&s.b, `<rect class="%s" x="%.2f" y="%.2f" width="%.2f" height="%.2f"><title>%s</title></rect>`, class,
		x,
		y, max(w, 0), max(h, 0), html.EscapeString(title))
}

func (s *svg) text(class string, x, y float64, words string) {
	fmt.Fprintf(&s.b, `<text class="%s" x="%.2f" y="%.2f">%s</text>`, class, x, y, html.EscapeString(words))
}

func (s *svg) done() template.HTML { return template.HTML(s.b.String() + "</svg>") }

// cut shortens words to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// histogramBins is the number of bins of a picture of numbers, at most.
const histogramBins = 30

// marginal draws a column of samples over that of the data.
func marginal(x, y tabular.Column) template.HTML {
	if y.Levels > 0 {
		return bars(x, y)
	}
	write := y.Write
	if write == nil {
		write = func(v float64) string { return fmt.Sprintf("%.4g", v) }
	}
	return histogram(x.X, y.X, write, y.Name)
}

// histogram draws the shares of bins: of the data as areas, of samples as a line. What lies beyond the middle 99 % is
// in the bins at the ends, gaps stand at the right.
func histogram(x, y []float64, write func(float64) string, name string) template.HTML {
	a, b := sortedCells(x), sortedCells(y)
	all := append(slices.Clone(a), b...)
	s := newSVG(300, 130, "distribution of "+name)
	if len(all) == 0 {
		s.text("label", 4, 20, "every cell is missing")
		return s.done()
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range [][]float64{a, b} {
		if len(v) > 0 {
			lo, hi = min(lo, v[len(v)/200]), max(hi, v[len(v)-1-len(v)/200])
		}
	}
	slices.Sort(all)
	bins := min(histogramBins, len(slices.Compact(all)))
	if !(hi > lo) {
		hi, bins = lo+1, 1
	}
	p, q := binned(x, lo, hi, bins), binned(y, lo, hi, bins)
	top := max(slices.Max(p), slices.Max(q))
	const left, right, base, height = 4, 260, 106, 98
	width := float64(right-left) / float64(bins)
	at := func(share float64) float64 { return base - height*share/top }
	span := func(k int) string {
		if k == bins {
			return "missing"
		}
		return fmt.Sprintf("%s to %s", write(lo+(hi-lo)*float64(k)/float64(bins)),
			write(lo+(hi-lo)*float64(k+1)/float64(bins)))
	}
	place := func(k int) (from, w float64) {
		if k == bins {
			return right + 10, 26
		}
		return left + float64(k)*width, width
	}
	var line strings.Builder
	for k := range bins + 1 {
		if k == bins && p[k]+q[k] == 0 {
			break
		}
		from, w := place(k)
		s.rect("real", from, at(q[k]), w-.5, base-at(q[k]), fmt.Sprintf("%s: data %.3g %%, samples %.3g %%", span(k),
			100*q[k], 100*p[k]))
		move := "L"
		if k == 0 || k == bins {
			move = "M"
		}
		fmt.Fprintf(&line, "%s%.2f %.2fH%.2f", move, from, at(p[k]), from+w)
	}
	fmt.Fprintf(&s.b, `<path class="synthetic" d="%s"/>`, line.String())
	s.text("label", left, 124, cut(write(lo), 20))
	if p[bins]+q[bins] > 0 {
		s.text("label end", 299, 124, "missing")
		s.text("label end", right-8, 124, cut(write(hi), 20))
	} else {
		s.text("label end", right, 124, cut(write(hi), 20))
	}
	return s.done()
}

func sortedCells(x []float64) []float64 {
	out := slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return v != v })
	slices.Sort(out)
	return out
}

// binned are the shares of bins, and behind them that of gaps.
func binned(x []float64, lo, hi float64, bins int) []float64 {
	out := make([]float64, bins+1)
	for _, v := range x {
		k := bins
		if v == v {
			k = int(min(max((v-lo)/(hi-lo)*float64(bins), 0), float64(bins-1)))
		}
		out[k] += 1 / float64(len(x))
	}
	return out
}

// shownLevels have a bar of their own.
const shownLevels = 8

// bars draws the shares of the most frequent levels, of the others, and of gaps.
func bars(x, y tabular.Column) template.HTML {
	share := func(c tabular.Column) []float64 {
		out := make([]float64, y.Levels+1)
		for _, v := range c.X {
			k := y.Levels
			if v == v {
				k = int(v)
			}
			out[k] += 1 / float64(len(c.X))
		}
		return out
	}
	p, q := share(x), share(y)
	order := make([]int, y.Levels)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if u, v := p[a]+q[a], p[b]+q[b]; u != v {
			if u > v {
				return -1
			}
			return 1
		}
		return 0
	})
	type bar struct {
		name string
		p, q float64
	}
	var list []bar
	var rest bar
	for k, l := range order {
		switch {
		case k < shownLevels || len(order) == shownLevels+1:
			list = append(list, bar{y.Labels[l], p[l], q[l]})
		default:
			rest.p, rest.q = rest.p+p[l], rest.q+q[l]
		}
	}
	if n := len(order) - shownLevels; rest.p+rest.q > 0 {
		rest.name = fmt.Sprintf("%d others", n)
		list = append(list, rest)
	}
	if p[y.Levels]+q[y.Levels] > 0 {
		list = append(list, bar{"missing", p[y.Levels], q[y.Levels]})
	}
	top := 0.0
	for _, b := range list {
		top = max(top, b.p, b.q)
	}
	const row = 15
	s := newSVG(300, max(float64(len(list)*row+4), 60), "levels of "+y.Name)
	for k, b := range list {
		at := float64(k * row)
		s.text("label", 2, at+11, cut(b.name, 14))
		title := fmt.Sprintf("%s: data %.3g %%, samples %.3g %%", b.name, 100*b.q, 100*b.p)
		s.rect("real", 92, at+1.5, 204*b.q/top, 6, title)
		s.rect("synthetic", 92, at+7.5, 204*b.p/top, 4.5, title)
	}
	return s.done()
}

// heatColumns is the number of columns of a heat map, those that are farthest off.
const heatColumns = 40

// heat draws how far the trends of pairs are off.
func heat(r *tabular.Report) template.HTML {
	d := len(r.Columns)
	off := make([]float64, d)
	most := 0.0
	for _, p := range r.Pairs {
		off[p.A] += 1 - p.Score
		off[p.B] += 1 - p.Score
		most = max(most, 1-p.Score)
	}
	var shown []int
	for j := range d {
		shown = append(shown, j)
	}
	if d > heatColumns {
		slices.SortStableFunc(shown, func(a, b int) int {
			if off[a] > off[b] {
				return -1
			}
			return 1
		})
		shown = shown[:heatColumns]
		slices.Sort(shown)
	}
	place := make(map[int]int, len(shown))
	for k, j := range shown {
		place[j] = k
	}
	const cell, margin = 22.0, 110.0
	n := float64(len(shown))
	s := newSVG(margin+n*cell+70, n*cell+24, "differences of pair trends")
	for _, p := range r.Pairs {
		a, okA := place[p.A]
		b, okB := place[p.B]
		if !okA || !okB {
			continue
		}
		x, y := margin+float64(a)*cell, float64(b)*cell
		title := html.EscapeString(fmt.Sprintf("%s and %s: pair trend %.3f, off by %.3f; w %.3g", r.Columns[p.A].Name,
			r.Columns[p.B].Name, p.Score, 1-p.Score, p.Effect))
		fmt.Fprintf(&s.b, `<rect class="heat" x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill-opacity="%.3f">`+
			`<title>%s</title></rect>`, x, y, cell-1, cell-1, .04+.96*(1-p.Score)/max(most, 1e-9), title)
	}
	for k, j := range shown {
		if k > 0 {
			s.text("label end", margin-4, float64(k)*cell+14, cut(r.Columns[j].Name, 16))
		}
		if k+1 < len(shown) { // beside the diagonal, which is empty
			s.text("label", margin+float64(k)*cell+2, float64(k)*cell+14, cut(r.Columns[j].Name, 16))
		}
	}
	s.text("label", margin, n*cell+18, fmt.Sprintf("faint: 0, full: %.3f", most))
	return s.done()
}
