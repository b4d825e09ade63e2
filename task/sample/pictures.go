package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/store"
)

// pictures are samples as PNG files: one an image in a folder, called by its id, or one picture of all.
type pictures struct {
	format data.PNG
	folder string
	first  uint64
	n      int        // there already
	file   string     // of the picture of all; "": a folder
	all    ito.States // for it
}

// settingsFile stands in a folder of pictures, and describes what they are samples of.
const settingsFile = "ito-sample.json"

// mostPictured is the most numbers of a picture of all images.
const mostPictured = 1 << 26

// pictured reports whether samples are written as pictures, and whether as one of all.
func (c *Config) pictured() (any, grid bool) {
	grid = strings.EqualFold(filepath.Ext(c.Out), ".png")
	return grid || c.folder(), grid
}

// folder reports a name of a folder: one that is there, or that ends in a slash.
func (c *Config) folder() bool {
	info, err := os.Stat(c.Out)
	return strings.HasSuffix(c.Out, "/") || strings.HasSuffix(c.Out, string(filepath.Separator)) || err == nil &&
		info.IsDir()
}

// pictures opens what samples are written to as pictures.
func (c *Config) pictures(m *ito.Model, digest string) (*pictures, error) {
	f, err := data.NewPNG(m)
	if err != nil {
		return nil, err
	}
	_, grid := c.pictured()
	for _, setting := range []struct {
		name  string
		given bool
	}{{"with-id", c.WithID}, {"trajectory", c.Trajectory != ""}, {"resume", c.Resume && grid}} {
		if setting.given {
			return nil, &ito.InputError{Where: "`" + setting.name + "`", What: "pictures have none of it",
				Do: "leave it out, or write .npy"}
		}
	}
	p := &pictures{format: f, folder: c.Out, first: c.First}
	if grid {
		if c.N > mostPictured/(f.H*f.W*f.C) {
			return nil, &ito.InputError{Where: "`n`", What: fmt.Sprintf("%d images are too many for one picture", c.N),
				Do: "give a folder, as `out=DIR/`"}
		}
		p.file, p.all = c.Out, ito.NewStates(0, f.H*f.W*f.C, c.First)
		return p, nil
	}
	settings, err := json.Marshal(map[string]any{"model": digest, "sample": c.SampleConfig})
	if err != nil {
		return nil, err
	}
	return p, p.openFolder(string(settings), c.Resume, c.N)
}

// openFolder makes the folder, or finds out how many of n pictures are there.
func (p *pictures) openFolder(settings string, resume bool, n int) error {
	if err := os.MkdirAll(p.folder, 0o777); err != nil {
		return &ito.InputError{Where: "`out` " + p.folder, What: err.Error(), Do: "give another place"}
	}
	file := filepath.Join(p.folder, settingsFile)
	saved, err := os.ReadFile(file)
	switch {
	case err == nil && resume:
		if err := store.CompareConfig(string(saved), settings); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for p.n < n {
			if _, err := os.Stat(p.name(p.first + uint64(p.n))); err != nil {
				break
			}
			p.n++
		}
		if p.n == n {
			return store.ErrFinished
		}
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	there, err := filepath.Glob(filepath.Join(p.folder, "*.png"))
	if err != nil {
		return err
	}
	if len(there) > 0 {
		return &ito.InputError{Where: "`out` " + p.folder, What: fmt.Sprintf("%d pictures are there already",
			len(there)),
			Do: "give another folder, or `resume` to go on with the same samples"}
	}
	return store.WriteFile(file, func(w io.Writer) error { _, err := w.Write([]byte(settings)); return err })
}

// name is the file of a sample.
func (p *pictures) name(id uint64) string {
	return filepath.Join(p.folder, fmt.Sprintf("%06d.png", id))
}

// rows writes samples, a file whole or not at all.
func (p *pictures) rows(x ito.States) error {
	if p.file != "" {
		p.all.N, p.all.X, p.all.ID = p.all.N+x.N, append(p.all.X, x.X...), append(p.all.ID, x.ID...)
		return nil
	}
	for i := range x.N {
		if err := store.WriteFile(p.name(x.ID[i]), func(w io.Writer) error {
			return p.format.Image(w, x.Row(i))
		}); err != nil {
			return err
		}
	}
	return nil
}

// close writes the picture of all.
func (p *pictures) close() error {
	if p.file == "" {
		return nil
	}
	return store.WriteFile(p.file, func(w io.Writer) error { return p.format.Grid(w, p.all) })
}
