package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	"github.com/seed9a7962a8/ito/task"
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

// TableReport says what was drawn of one of several tables.
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

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// tableFolder is a folder of tables that is written. Each is a stream, whose rows are the parents that are done.
type tableFolder struct {
	c       *Config
	m       *relate.Model
	names   []string
	formats []frame.CSV
	streams []*store.Stream // nil: it was finished
	config  string
}

func (f *tableFolder) path(i int) string { return filepath.Join(f.c.Out, f.names[i]+".csv") }

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

func (f *tableFolder) add(name string, format frame.CSV) {
	f.names, f.formats = append(f.names, name), append(f.formats, format)
}

// free refuses to replace what the model was trained on, and without force what no sampling of ito's has written.
func (f *tableFolder) free(force bool) error {
	if f.c.Resume {
		return nil
	}
	var files, there []string
	for i := range f.names {
		files = append(files, f.path(i))
		if task.Exists(f.path(i)) {
			there = append(there, f.path(i))
		}
	}
	if len(there) == 0 {
		return nil
	}
	if err := task.LearntTables(files, f.m); err != nil || force {
		return err
	}
	var was struct {
		Settings json.RawMessage `json:"ito"`
	}
	text, err := os.ReadFile(filepath.Join(f.c.Out, Package))
	if err == nil && json.Unmarshal(text, &was) == nil && was.Settings != nil {
		return nil
	}
	return &ito.InputError{Where: "`out` " + f.c.Out, What: fmt.Sprintf("%s is there, and no %s says that ito sample "+
		"wrote it", there[0], Package), Do: "name another folder, or give `force` to replace what is there"}
}

// before looks at the package of a folder that was finished, or all but: it is of these settings, or it is refused.
func (f *tableFolder) before() (there bool, err error) {
	name := filepath.Join(f.c.Out, Package)
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if !f.c.Resume {
		return false, os.Remove(name)
	}
	var was struct {
		Settings json.RawMessage `json:"ito"`
	}
	if err := json.Unmarshal(text, &was); err != nil || was.Settings == nil {
		return false, &ito.InputError{Where: name, What: "it is not of ito", Do: "name another folder"}
	}
	if err := store.CompareConfig(string(was.Settings), f.config); err != nil {
		if changed := (*store.ConfigError)(nil); errors.As(err, &changed) {
			changed.Where = "the finished folder"
		}
		return false, fmt.Errorf("%s: %w", f.c.Out, err)
	}
	return true, nil
}

// done is the number of parents that are in all files.
func (f *tableFolder) done() int {
	n := f.c.N
	for _, s := range f.streams {
		if s != nil {
			n = min(n, int(s.Rows()))
		}
	}
	return n
}

// write writes a block of parents with their children to the files that do not have it yet.
func (f *tableFolder) write(rows recipe.Family) error {
	own := rows.Parents.Like(f.m.Own)
	for i := range own.N {
		copy(own.Row(i), rows.Parents.Row(i))
	}
	for i, s := range f.streams {
		if s == nil || s.Rows() > int64(rows.Parents.ID[0]-f.c.First) {
			continue
		}
		x := own
		if i > 0 {
			x = rows.Children[i-1]
			f.fill(i-1, x, rows)
		}
		if s.Fresh() {
			if err := s.Write(0, f.formats[i].Begin); err != nil {
				return err
			}
		}
		if err := s.Write(rows.Parents.N, func(w io.Writer) error { return f.formats[i].Rows(w, x) }); err != nil {
			return err
		}
	}
	return nil
}

// fill writes the cells of the parents' keys into the rows of a child.
func (f *tableFolder) fill(child int, x ito.States, rows recipe.Family) {
	k := &f.m.Children[child]
	s := f.m.Schema()
	for j, name := range k.Key.Child {
		to, from := k.Schema.Find(name), s.Find(k.Key.Parent[j])
		for r, i := range rows.Of[child] {
			x.Row(r)[to] = rows.Parents.Row(i)[from]
		}
	}
}

func (f *tableFolder) each(do func(*store.Stream) error) error {
	var errs []error
	for _, s := range f.streams {
		if s != nil {
			errs = append(errs, do(s))
		}
	}
	return errors.Join(errs...)
}

// close says how the files belong together, and finishes them.
func (f *tableFolder) close() error {
	text, err := json.MarshalIndent(f.pack(), "", "  ")
	if err != nil {
		return err
	}
	err = store.WriteFile(filepath.Join(f.c.Out, Package), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return err
	}
	return f.each((*store.Stream).Close)
}
