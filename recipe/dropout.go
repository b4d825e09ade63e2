package recipe

import (
	"sync"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/spec"
)

// dropouts remembers what the configurations of trainings say of their dropout: reading one costs as much as drawing
// a few samples.
var dropouts = struct {
	sync.Mutex
	of map[string]float64 // −1: it cannot be read
}{of: map[string]float64{}}

// dropoutOf is the dropout with which a model was trained, where it says so.
func dropoutOf(m *ito.Model) (dropout float64, known bool) {
	text := m.Provenance.Config
	if text == "" {
		return 0, false
	}
	dropouts.Lock()
	defer dropouts.Unlock()
	d, ok := dropouts.of[text]
	if !ok {
		trained := DefaultTrain()
		if d = -1; spec.Parse("model", text, &trained) == nil {
			d = trained.Dropout
		}
		if len(dropouts.of) >= 256 {
			clear(dropouts.of)
		}
		dropouts.of[text] = d
	}
	return d, d >= 0
}
