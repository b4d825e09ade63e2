package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

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

// close describes how the files belong together, and finishes them.
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
