package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/recipe/bench"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// PathsConfig sets which paths are trained on what.
type PathsConfig struct {
	Sets    []string `help:"Sets, of abalone, housing, insurance, titanic, customers, orders, digits, mnist, load, oil, spiral and checkerboard; without it all" placeholder:"NAME,…"`
	Paths   []string `help:"Paths, as ito train --path has them; without it all, each with its variants" placeholder:"WORD,…"`
	NFE     []int    `name:"nfe" default:"4,6,8,10,20,50" min:"1" max:"100000" placeholder:"K,…" help:"Network calls a sample"`
	Seconds float64  `default:"30" min:"0.1" help:"Seconds of one processor for each training, the stages of learnt paths included; of mnist eight times as many"`
	Seeds   []uint64 `default:"1,2,3" placeholder:"S,…" help:"Seeds; mnist takes the first"`
	Data    string   `where:"local" default:"" placeholder:"FOLDER" help:"The folder of abalone.csv, housing.csv, insurance.csv, titanic.csv, ETTh1.csv and t10k-images-idx3-ubyte.gz; sets whose file is not there are left out"`
	Keep    string   `where:"local" default:"ito-paths" placeholder:"FOLDER" help:"Where cells are kept, made if need be; those that are there are not computed again"`
	Table   bool     `where:"local" help:"Compute nothing, print the table of what is there"`
	Workers int      `where:"local" min:"0" max:"4096" default:"0" help:"Cells at a time, each on one processor; 0: as many as processors"`
}

// Paths computes what is not there and returns the table. When ctx ends, its error comes beside the table of what is.
func Paths(ctx context.Context, c PathsConfig, env task.Env) (*bench.PathTable, error) {
	b := bench.PathBench{Sets: c.Sets, Paths: c.Paths, Seeds: c.Seeds, Calls: c.NFE, Seconds: c.Seconds, Data: c.Data,
		Keep: cells(c.Keep), Workers: task.Workers(c.Workers), Dry: c.Table, Note: env.Tell,
		Count: func(done, total int) { env.Count("paths", int64(done), int64(total)) }}
	if err := b.Check(); err != nil {
		return nil, err
	}
	if c.Keep == "" {
		return nil, &ito.InputError{Where: "`keep`", What: "an empty name", Do: "give the name of a folder"}
	}
	if !c.Table {
		if err := os.MkdirAll(c.Keep, 0o777); err != nil {
			return nil, &ito.InputError{Where: "`keep` " + c.Keep, What: err.Error(), Do: "give another folder"}
		}
	}
	return b.Run(ctx)
}

// cells is a folder of JSON files.
type cells string

// Load implements bench.PathCells.
func (c cells) Load(name string, v any) (bool, error) {
	at := filepath.Join(string(c), name+".json")
	text, err := os.ReadFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, v)
	}
	if err != nil {
		return false, &ito.InputError{Where: at, What: fmt.Sprintf("no cell: %v", err), Do: "remove it"}
	}
	return true, nil
}

// Save implements bench.PathCells.
func (c cells) Save(name string, v any) error {
	return store.WriteFile(filepath.Join(string(c), name+".json"), func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}
