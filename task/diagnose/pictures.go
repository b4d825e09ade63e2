package diagnose

import (
	"path/filepath"

	"github.com/seed9a7962a8/ito/draws"
	"github.com/seed9a7962a8/ito/plot"
	"github.com/seed9a7962a8/ito/task"
)

// pictured is the number of parameters in the pictures of draws: those of Summary.Foremost.
const pictured = 12

// mostPictured is how many draws of all columns are in memory for the pictures: of long chains these have every
// second, third, … draw.
const mostPictured = 1 << 21

// PicturedDraws are the columns that pictures show.
func PicturedDraws(t *draws.Table, s *draws.Summary) (*draws.Set, error) {
	var columns []int
	for k, name := range t.Columns[:t.Stats] {
		if name == draws.Divergent || name == draws.LogWeight || name == draws.Ancestor {
			columns = append(columns, k)
		}
	}
	for _, k := range s.Foremost(pictured) {
		columns = append(columns, t.Stats+k)
	}
	return t.Set(columns, mostPictured)
}

// PictureTable draws the parameters that matter most.
func PictureTable(dir string, t *draws.Table, s *draws.Summary) ([]string, error) {
	set, err := PicturedDraws(t, s)
	if err != nil {
		return nil, err
	}
	return Draw(dir, set)
}

// Draw draws the parameters of a set into a directory: traces, ranks, densities and pairs; of particles, whose
// order says nothing, the last two. Parameters with draws that have no place in a picture are left out.
func Draw(dir string, s *draws.Set) ([]string, error) {
	particles := s.Find(draws.LogWeight) >= 0 || s.Find(draws.Ancestor) >= 0
	s = s.Resampled(20000)
	var divergent [][]bool
	if k := s.Find(draws.Divergent); k >= 0 {
		for _, x := range s.Column(k) {
			marks := make([]bool, len(x))
			for i, v := range x {
				marks[i] = v != 0
			}
			divergent = append(divergent, marks)
		}
	}
	var quantities []plot.Chains
	for k := s.Stats; k < len(s.Columns); k++ {
		if q := (plot.Chains{Name: draws.Label(s.Columns[k]), X: s.Column(k)}); q.Check() == nil {
			quantities = append(quantities, q)
		}
	}
	type picture struct {
		name string
		draw func() (plot.Figure, error)
	}
	var list []picture
	if !particles && s.Draws > 1 && len(quantities) > 0 {
		list = append(list,
			picture{"traces.png", func() (plot.Figure, error) { return plot.Traces(divergent, quantities...) }},
			picture{"ranks.png", func() (plot.Figure, error) { return plot.Ranks(quantities...) }})
	}
	if len(quantities) > 0 {
		list = append(list, picture{"densities.png",
			func() (plot.Figure, error) { return plot.Marginals(quantities...) }})
	}
	if len(quantities) > 1 {
		list = append(list, picture{"pairs.png",
			func() (plot.Figure, error) { return plot.DrawPairs(divergent, quantities...) }})
	}
	// those of an earlier run go, whether these draws have such a picture or not
	for _, name := range []string{"traces.png", "ranks.png", "densities.png", "pairs.png"} {
		if err := task.RemoveIfThere(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	var files []string
	for _, p := range list {
		f, err := p.draw()
		if err != nil {
			return files, err
		}
		path := filepath.Join(dir, p.name)
		if err := f.Save(path); err != nil {
			return files, err
		}
		files = append(files, path)
	}
	return files, nil
}
