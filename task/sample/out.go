package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/data"
	"github.com/seed9a7962a8/ito/data/encode"
	"github.com/seed9a7962a8/ito/recipe"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/task"
)

// format is the format of the samples by the name of their file.
func (c *Config) format(m *ito.Model) (data.Format, error) {
	at, err := c.Written(m)
	if err != nil {
		return nil, err
	}
	f, err := c.formatOf(m, at)
	if err != nil || at == nil {
		return f, err
	}
	return picked{f, at}, nil
}

// formatOf is the format of the columns at these places, all where at is nil.
func (c *Config) formatOf(m *ito.Model, at []int) (data.Format, error) {
	if t, ok := m.Encoding.(*encode.Table); ok {
		return c.cells(pickSchema(t.Schema, at))
	}
	d, tokens := task.Width(m), m.Space.Tokens()
	if m.Space.Mask != nil {
		if e := strings.ToLower(filepath.Ext(c.Out)); e != ".jsonl" && c.Out != "-" || c.WithID {
			return nil, &ito.InputError{Where: "`out` " + c.Out,
				What: "graphs are written as lines of JSON, without ids",
				Do:   "give a name that ends in .jsonl, or -"}
		}
		return data.JSONLines{Space: m.Space}, nil
	}
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".txt":
		if m.Vocabulary == nil {
			return nil, &ito.InputError{Where: "`out` " + c.Out, What: "the model was not trained on text",
				Do: "give a name that ends in .csv or .npy"}
		}
		return data.Text{Vocabulary: *m.Vocabulary, WithID: c.WithID}, nil
	case ".csv":
		return data.CSV{Columns: Pick(task.Columns(m, d), at), WithID: c.WithID}, nil
	case ".npy":
		if shape := task.Shape(m); shape != nil {
			if c.WithID {
				return nil, &ito.InputError{Where: "`with-id`", What: "an npy file of states of shape " +
					m.Space.String() + " has no place for ids", Do: "leave it out: sample i has the id `first` + i"}
			}
			t := m.Transform
			return data.NPY{Shape: append([]int{c.N}, shape...), Bytes: t.Whole && t.Low == 0 && t.High == 255}, nil
		}
		if at != nil {
			d = len(at)
		}
		if c.WithID {
			d++
		}
		return data.NPY{Shape: []int{c.N, d}, WithID: c.WithID, Whole: tokens && !c.WithID}, nil
	}
	if info, err := os.Stat(c.Out); c.Out == "-" || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		if m.Vocabulary != nil {
			return data.Text{Vocabulary: *m.Vocabulary, WithID: c.WithID}, nil
		}
		return data.CSV{Columns: Pick(task.Columns(m, d), at), WithID: c.WithID}, nil
	}
	return nil, &ito.InputError{Where: "`out` " + c.Out, What: "samples are written as CSV, npy or Parquet, and as " +
		"text by a model of text, and as lines of JSON by one of graphs",
		Do: "give a name that ends in .csv, .npy, .parquet, .txt or .jsonl, or -, and of images one in .png, " +
			"or a folder"}
}

// output is where samples go: a stream that can be resumed, standard output, or the caller.
type output struct {
	format data.Format
	stream *store.Stream      // nil: stdout
	stdout *data.SampleWriter // nil: stream
	sink   recipe.Sink        // nil: stream or stdout
	path   string

	pictures *pictures // nil: there are none

	tracks *trackFile // nil: no trajectories

	unwritten bool // rows could not be written
}

// open opens what is written.
func (c *Config) open(env *Env, m *ito.Model, digest string) (*output, error) {
	if env.Sink != nil {
		return &output{sink: env.Sink}, nil
	}
	if any, _ := c.pictured(); any {
		p, err := c.pictures(m, digest)
		return &output{pictures: p}, err
	}
	f, err := c.format(m)
	if err != nil {
		return nil, err
	}
	out := &output{format: f, path: c.Out}
	if c.Out == "-" {
		if env.Stdout == nil {
			return nil, &ito.InputError{Where: "`out`", What: "there is no standard output here", Do: "name a file"}
		}
		out.stdout = data.NewSampleWriter(env.Stdout, f)
	} else if out.stream, err = c.stream(m, digest); err != nil {
		return nil, err
	}
	if c.Trajectory == "" {
		return out, nil
	}
	beside := ""
	if out.stream != nil {
		beside = out.stream.Beside()
	}
	out.tracks, err = openTracks(c.Trajectory, out.done(), c.N, beside)
	if err != nil {
		return nil, errors.Join(err, out.keep())
	}
	return out, nil
}

// stream opens the resumable file. Its journal remembers everything that the bytes depend on.
func (c *Config) stream(m *ito.Model, digest string) (*store.Stream, error) {
	all := map[string]any{
		"model": digest, "with-id": c.WithID, "trajectory": c.Trajectory != "", "sample": c.SampleConfig,
	}
	if len(c.Columns) > 0 {
		all["columns"] = c.Columns
	}
	settings, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	return store.OpenStream(c.Out, store.StreamOptions{Config: string(settings), Resume: c.Resume, Every: c.Every})
}

// done is the number of rows that are there already.
func (o *output) done() int {
	if o.pictures != nil {
		return o.pictures.n
	}
	if o.stream == nil {
		return 0
	}
	return int(o.stream.Rows())
}

// rows appends samples.
func (o *output) rows(x ito.States) error {
	if o.sink != nil {
		return o.sink(x)
	}
	if o.pictures != nil {
		return o.pictures.rows(x)
	}
	if o.stdout != nil {
		return o.stdout.WriteRows(x)
	}
	if o.tracks != nil {
		o.stream.SetBeside(o.tracks.digest())
	}
	var err error
	if o.stream.Fresh() {
		err = o.stream.Write(0, o.format.Begin)
	}
	if err == nil {
		err = o.stream.Write(x.N, func(w io.Writer) error { return o.format.Rows(w, x) })
	}
	o.unwritten = err != nil
	return err
}

func (o *output) close() error {
	if o.pictures != nil {
		return o.pictures.close()
	}
	if o.tracks != nil {
		if err := o.tracks.close(); err != nil {
			return errors.Join(err, o.keep())
		}
	}
	if o.stdout != nil {
		return o.stdout.Close()
	}
	if o.stream == nil {
		return nil
	}
	return o.stream.Close()
}

// keep leaves what is written for --resume.
func (o *output) keep() error {
	var err error
	if o.tracks != nil {
		err = o.tracks.keep()
	}
	if o.stream != nil {
		err = errors.Join(err, o.stream.Keep())
	}
	return err
}

// leave ends after an error: where rows could not be written, those that were stay for --resume, and otherwise nothing
// does, since the same settings would end in the same error.
func (o *output) leave(err error) error {
	if !o.unwritten || o.stream == nil {
		return errors.Join(err, o.discard())
	}
	there, e := o.stream.Leave()
	if there {
		err = fmt.Errorf("%w; the same command with `resume` goes on from %s", err, Partial(o.path))
	}
	if o.tracks != nil && there {
		e = errors.Join(e, o.tracks.keep())
	} else if o.tracks != nil {
		e = errors.Join(e, o.tracks.discard())
	}
	return errors.Join(err, e)
}

// discard leaves nothing.
func (o *output) discard() error {
	var err error
	if o.tracks != nil {
		err = o.tracks.discard()
	}
	if o.stream != nil {
		err = errors.Join(err, o.stream.Discard())
	}
	return err
}
