package recipe

import (
	"math"

	"github.com/seed9a7962a8/ito/data/encode"
)

// usualSteps are the steps of a training where nothing else is said.
const usualSteps = 20000

// Steps of a table with types, which go with the cube root of its cells: usualSteps for tableCells of them.
const (
	tableCells      = 2e6
	tableStepsLeast = 5000
	tableStepsMost  = 40000
)

// tableWidth is the width of a network of a table with types.
const tableWidth = 256

// Learning rates: of a table with types its dense networks take more.
const (
	usualLR = .001
	tableLR = .003
)

// Sized fills in what is left to choose by the size of the data, so that it is recorded. Of a table with types of so
// many rows and columns that are learnt these are
//
//	steps = 20000 ∛(rows·columns / 2·10⁶), from 5000 to 40000,
//
// and a dense network 256 wide at a learning rate of .003, without privacy; of anything else, 0 rows, 20000 steps at
// .001. The measurements are in docs/tables-figures.md.
func (c TrainConfig) Sized(rows, columns int) TrainConfig {
	dense := rows > 0 && (c.Network == "auto" || c.Network == "dense" || c.Network == "residual")
	if dense && c.Width == 0 {
		c.Width = tableWidth
	}
	if c.LR == 0 {
		c.LR = usualLR
		if dense && c.Epsilon == 0 {
			c.LR = tableLR
		}
	}
	if c.Steps == 0 {
		c.Steps = usualSteps
		if rows > 0 {
			n := usualSteps * math.Cbrt(float64(rows)*float64(columns)/tableCells)
			c.Steps = int(math.Round(min(max(n, tableStepsLeast), tableStepsMost)/100)) * 100
		}
	}
	return c
}

// size is that of a table with types, 0 of anything else.
func (f *fit) size() (rows, columns int) {
	if t, ok := f.set.Encoding.(*encode.Table); ok && f.set.Source != nil {
		return f.set.Len(), t.Schema.Learnt()
	}
	return 0, 0
}
