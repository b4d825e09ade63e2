package task

import (
	"os"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/data/frame"
	"github.com/seed9a7962a8/ito/data/relate"
)

// Learnt refuses an output that is what a model was trained on: the file of the name that the model remembers, or one
// of the same rows under any name. Reads a file that is there.
func Learnt(out string, m *ito.Model) error {
	at, err := os.Stat(out)
	if err != nil || !at.Mode().IsRegular() {
		return nil
	}
	if !remembered(at, m) && m.Provenance.Digest != digestLike(out, m) {
		return nil
	}
	return learnt(out)
}

// LearntTables is [Learnt] of a model of several tables, whose outputs are the parent's and those of its children.
func LearntTables(out []string, m *relate.Model) error {
	for i, name := range out {
		at, err := os.Stat(name)
		one := m.Parent
		if i > 0 {
			one = m.Children[i-1].Model
		}
		if err == nil && one != nil && remembered(at, one) {
			return learnt(name)
		}
	}
	if m.Same(out[0], out[1:]) {
		return learnt(out[0])
	}
	return nil
}

// remembered reports the file whose name a model has.
func remembered(at os.FileInfo, m *ito.Model) bool {
	was, err := os.Stat(m.Provenance.Data)
	return err == nil && m.Provenance.Data != "" && os.SameFile(was, at)
}

func learnt(out string) error {
	return &ito.InputError{Where: "`out` " + out, What: "the model was trained on it, and it would be replaced",
		Do: "name another place"}
}

// digestLike is the digest of the rows of a file, read as those of the model were; "none" where it has no such rows.
func digestLike(file string, m *ito.Model) string {
	if t, ok := m.Encoding.(*encode.Table); ok {
		in, err := frame.Open(file, frame.ReadOptions{})
		if err != nil {
			return "none"
		}
		defer in.Close()
		f, err := in.Frame(t.Schema)
		if err != nil {
			return "none"
		}
		defer f.Close()
		return f.Digest()
	}
	if KindOf(file) != RowsOrNone && KindOf(file) != NPY {
		return "none"
	}
	t, err := data.Open(file, data.OpenOptions{})
	if err != nil {
		return "none"
	}
	return t.Digest()
}
