package sample

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
)

// Package is the file in a folder of tables that says how they belong together, as frictionless data packages do. It is
// written before the tables take their names.
const Package = "datapackage.json"

// several draws the tables of a model of several into a folder.
func (c *Config) several(ctx context.Context, env *Env, m *relate.Model, digest string) (Report, error) {
	if err := c.checkTables(env, m); err != nil {
		return Report{}, err
	}
	cfg := c.SampleConfig
	f, err := c.folderOf(env, m, digest)
	if errors.Is(err, store.ErrFinished) {
		env.Tell(c.Out + " is finished; nothing to do")
		return Report{Finished: true}, nil
	}
	if err != nil {
		return Report{}, err
	}
	began := time.Now()
	done := f.done()
	resumed := done > 0
	cfg.First, cfg.N = cfg.First+uint64(done), cfg.N-done
	run := recipe.RunOptions{Workers: c.Workers, Version: env.Version, Slots: env.Slots}
	var reports []recipe.SampleReport
	if cfg.N > 0 {
		reports, err = recipe.SampleTables(ctx, m, cfg, run, func(rows recipe.Family) error {
			if err := f.write(rows); err != nil {
				return err
			}
			done += rows.Parents.N
			env.Count("sample", int64(done), int64(c.N))
			return nil
		})
	}
	switch {
	case err == nil:
		err = f.close()
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		if e := f.each((*store.Stream).Keep); e != nil {
			err = e // there is nothing to go on from
		}
	default:
		err = errors.Join(err, f.each((*store.Stream).Discard))
	}
	r := Report{}
	for i, one := range reports {
		r.Tables = append(r.Tables, TableReport{Name: f.names[i], File: f.path(i), Resumed: resumed, SampleReport: one})
	}
	r.Seconds = time.Since(began).Seconds()
	if len(reports) > 0 {
		r.SampleReport = reports[0]
	}
	return r, err
}

// TableReport describes what was drawn of one of several tables.
type TableReport struct {
	Name string `json:"table"`
	File string `json:"file"`
	// Resumed rows stand behind those of an earlier run, which N does not count
	Resumed bool `json:"resumed,omitempty"`
	recipe.SampleReport
}

// checkTables refuses what samples of several tables do not have.
func (c *Config) checkTables(env *Env, m *relate.Model) error {
	bad := func(setting, what, do string) error {
		return &ito.InputError{Where: "`" + setting + "`", What: what, Do: do}
	}
	switch {
	case env.Sink != nil:
		return bad("out", "the model is of several tables, which go to a folder", "name a folder")
	case c.Out == "-" || filepath.Ext(c.Out) != "" && !strings.HasSuffix(c.Out, "/") && !isFolder(c.Out):
		return bad("out", c.Out+" is no folder, and the model is of several tables",
			"give the name of a folder with / behind it, as samples/")
	case c.Trajectory != "" || c.From != "" || c.Given != "" || c.WhereFile != "":
		return bad("out", "samples of several tables have no trajectories, and no rows to begin with or to be asked "+
			"for",
			"leave out `trajectory`, `from`, `given` and `where-file`")
	case c.Scheduler != "":
		return bad("scheduler", "samples of several tables are drawn by ito's own solvers", "leave it out")
	case len(c.Columns) > 0:
		return bad("columns", "the files of several tables have all of their columns", "leave it out")
	case c.WithID:
		return bad("with-id", "rows of several tables have keys, which are as fresh as an id", "leave it out")
	}
	if err := m.Schema().Fresh(c.First + uint64(c.N) - 1); err != nil {
		if e := (*ito.InputError)(nil); errors.As(err, &e) { // a key cannot be ignored
			e.Do, _, _ = strings.Cut(e.Do, ", or train")
		}
		return err
	}
	return recipe.CheckTables(m, c.SampleConfig)
}

// folderOf opens the folder, which is made if it is not there. store.ErrFinished says that all of it is.
func (c *Config) folderOf(env *Env, m *relate.Model, digest string) (*tableFolder, error) {
	settings, err := json.Marshal(map[string]any{"model": digest, "with-id": c.WithID, "sample": c.SampleConfig})
	if err != nil {
		return nil, err
	}
	f := &tableFolder{c: c, m: m, config: string(settings)}
	f.add(m.Name, frame.CSV{Schema: m.Schema(), WithID: c.WithID})
	for i := range m.Children {
		k := &m.Children[i]
		s, names := m.Columns(k)
		key := map[int]bool{}
		for _, name := range k.Key.Child {
			key[k.Schema.Find(name)] = true
		}
		// identifiers of the key are the parent's, and others those of the row: they grow where their digits end
		f.add(k.Name, frame.CSV{Schema: s, Names: names, WithID: c.WithID, Of: func(j int, id uint64) uint64 {
			if key[j] {
				id, _ = k.Owner(id)
			}
			return id
		}})
	}
	if err := f.free(env.Force); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return nil, &ito.InputError{Where: "`out` " + c.Out, What: err.Error(), Do: "give another place"}
	}
	packed, err := f.before()
	if err != nil {
		return nil, err
	}
	for i := range f.names {
		s, err := store.OpenStream(f.path(i), store.StreamOptions{Config: f.config, Resume: c.Resume, Every: c.Every})
		if errors.Is(err, store.ErrFinished) {
			err = nil // the kill came before the others were
		}
		if err != nil {
			return nil, errors.Join(err, f.each((*store.Stream).Keep))
		}
		f.streams = append(f.streams, s)
	}
	if slices.ContainsFunc(f.streams, func(s *store.Stream) bool { return s != nil }) {
		return f, nil
	}
	if !packed {
		return nil, &ito.InputError{Where: "`resume` " + c.Out, What: "the tables are there, and no " + Package +
			" says of which settings they are", Do: "start anew without `resume`, or name another folder"}
	}
	return nil, store.ErrFinished
}
