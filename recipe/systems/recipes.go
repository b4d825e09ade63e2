package systems

import (
	"context"
	"fmt"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/recipe"
)

// Recipe is a published experiment by name, with the figures that show that it works.
type Recipe struct {
	Name    string
	Summary string // one line
	images  bool   // it is of images, and has Keep and Judge
	records bool   // it is of records, and has Keep, Limit, Samples and Calls, and no Steps
	limited bool   // trains nothing: Limit makes it smaller, and Steps is refused
	tables  bool   // takes a table, and knows `targets` and `path`
	run     func(ctx context.Context, cfg RunConfig, run recipe.RunOptions, r *Result) error
}

// RunConfig is the configuration of a recipe: the flags of "ito run".
type RunConfig struct {
	Seeds []uint64 `json:"seeds" default:"1,2,3" help:"Seeds: the recipe runs once for each."`
	Steps int      `json:"steps" default:"0" help:"Training steps; 0: the recipe's own."`
	Data  string   `where:"local" json:"data" default:"examples/digits.csv" help:"Rows of the recipes digits and digits-paths; of mnist and csdi-physio the folder of their files; of tables a table, or a folder of some."`
	Keep  string   `where:"local" json:"keep" default:"" placeholder:"FOLDER" help:"Where the recipes mnist, digits-paths and tables keep their trainings, and csdi-physio its records, finished or not, to go on from."`
	Judge []string `where:"local" json:"judge" default:"" placeholder:"FILE,…" help:"Samples that the recipes mnist and digits-paths judge instead of their own, of any program: npy or IDX files or folders of pictures, of pixels from 0 to 255. Nothing is trained but the classifier."`

	// of mnist and digits-paths
	Precision string  `json:"precision" default:"f32" enum:"f32,bf16" help:"Of the products with the weights of the U-Nets of mnist and digits-paths: ${enum}."`
	Guidance  float64 `json:"guidance" default:"1" help:"Weight of the class in the samples of mnist and digits-paths; 1: as learnt. Others cost two network calls an evaluation."`

	Limit   int `json:"limit" min:"0" default:"0" help:"Records that the recipe csdi-physio looks at, and posteriors of a cell and seed of inverse-gaussian and inverse-mixture; 0: all."`
	Samples int `json:"samples" min:"0" default:"0" help:"Samples of a record in the recipe csdi-physio; 0: 100."`
	Calls   int `json:"calls" min:"0" max:"50" default:"0" help:"Network calls of a sample in the recipe csdi-physio; 0: 50."`

	// of tables
	Targets []string `json:"targets" help:"Columns that the recipe tables has predicted, as titanic=Survived; else the last." placeholder:"TABLE=COL,…"`

	Path string `json:"path" default:"auto" word:"path" also:"auto" placeholder:"WORD" help:"Path of the recipe tables; auto: mixed, that of tables with types."`

	protocol protocol // zero: house
	network  string   // of mnist; "": its own

	train func(*recipe.TrainConfig) // changes the trainings of tables; nil: nothing
}

// Recipes lists the recipes.
func Recipes() []Recipe {
	all := []Recipe{gaussianRecipe, digitsRecipe, digitsPathsRecipe, fastRecipe, gapRecipe, interpolantRecipe,
		seriesRecipe, physioRecipe, mnistRecipe, tablesRecipe, inverseGaussian, inverseMixture, adaptRecipe,
		distilRecipe}
	for _, t := range toys {
		all = append(all, t.recipe())
	}
	return all
}

// Find returns the recipe of a name; an unknown name is an *ito.InputError with the nearest.
func Find(name string) (Recipe, error) {
	var names []string
	for _, r := range Recipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Recipe{}, &ito.InputError{Where: name, What: "no recipe has that name", Do: suggest.Among(name, names)}
}

// Run runs the recipe once for each seed. A check that is missed is a result, not an error.
func (r Recipe) Run(ctx context.Context, cfg RunConfig, run recipe.RunOptions) (*Result, error) {
	if len(cfg.Seeds) == 0 {
		return nil, &ito.InputError{Where: "`seeds`", What: "there are no seeds", Do: "give one or more"}
	}
	if cfg.Steps < 0 {
		return nil, &ito.InputError{Where: "`steps`", What: fmt.Sprintf("%d steps", cfg.Steps),
			Do: "give a positive number"}
	}
	switch {
	case len(cfg.Judge) > 0 && !r.images || cfg.Keep != "" && !r.images && !r.records && !r.tables:
		return nil, &ito.InputError{Where: "`keep` and `judge`", What: r.Name + " has neither",
			Do: "leave them out; mnist and digits-paths have them, csdi-physio and tables have `keep`"}
	case !r.images && (cfg.Precision != "" && cfg.Precision != "f32" || cfg.Guidance != 0 && cfg.Guidance != 1):
		return nil, &ito.InputError{Where: "`precision` and `guidance`", What: r.Name + " has neither",
			Do: "leave them out; mnist and digits-paths have them"}
	case len(cfg.Judge) > 0 && cfg.Guidance != 0 && cfg.Guidance != 1:
		return nil, &ito.InputError{Where: "`guidance`", What: "the samples of `judge` are drawn already",
			Do: "leave it out"}
	case (len(cfg.Targets) > 0 || cfg.Path != "auto" && cfg.Path != "") && !r.tables:
		return nil, &ito.InputError{Where: "`targets` and `path`", What: r.Name + " has neither",
			Do: "leave them out; tables has them"}
	case r.limited && (cfg.Steps != 0 || cfg.Samples|cfg.Calls != 0 || cfg.Limit < 0):
		return nil, &ito.InputError{Where: "`steps`, `samples`, `calls` and `limit`", What: r.Name +
			" trains nothing and has a positive `limit` alone", Do: "leave the others out"}
	case cfg.Limit|cfg.Samples|cfg.Calls != 0 && !r.records && !r.limited:
		return nil, &ito.InputError{Where: "`limit`, `samples` and `calls`", What: r.Name + " has none of them",
			Do: "leave them out; csdi-physio has them"}
	case r.records && (cfg.Steps != 0 || len(cfg.Judge) > 0):
		return nil, &ito.InputError{Where: "`steps` and `judge`", What: r.Name + " trains nothing and has neither",
			Do: "leave them out; `limit`, `samples` and `calls` make it smaller"}
	}
	began := run.Clock()
	out := &Result{Name: r.Name, Summary: r.Summary, Seeds: cfg.Seeds}
	if err := r.run(ctx, cfg, run, out); err != nil {
		return nil, err
	}
	out.finish()
	out.Seconds = run.Clock().Sub(began).Seconds()
	return out, nil
}
