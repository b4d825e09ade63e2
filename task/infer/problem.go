package infer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/ad"
	"github.com/seed9a7962a8/ito/infer/advise"
	"github.com/seed9a7962a8/ito/infer/mcmc"
	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/interop/modeldata"
	"github.com/seed9a7962a8/ito/store"
	"github.com/seed9a7962a8/ito/target/model"
	"github.com/seed9a7962a8/ito/target/zoo"
)

// problem is a density that a command samples, with what its draws are called.
type problem struct {
	ito.Target
	name    string       // the model file without its ending, or zoo:NAME
	model   *model.Model // nil for a target of the zoo that is no model file
	columns []string     // of a draw, by CmdStan's names
	digest  string       // of the model file, empty for the zoo
	data    string       // of the data, empty where there are none

	learned   *mcmc.FieldTarget // of a trained model; nil for a density
	transform *ito.Transform    // of its rows
}

// Operations implements infer.Counted; 0 where they are not known.
func (p *problem) Operations() float64 {
	if c, ok := p.Target.(advise.Counted); ok {
		return c.Operations()
	}
	return 0
}

// openProblem opens a model file with its data, which read returns, or zoo:NAME; tell is given what a file that fails
// has printed. The target keeps the pool.
func openProblem(name, data string, pool *ad.Pool, read func(string) ([]byte, error), tell func(string)) (*problem,
	error) {
	if strings.HasPrefix(name, "zoo:") {
		return openZoo(name, data, pool)
	}
	src, err := read(name)
	if err != nil {
		if near := suggest.Nearest(name, zoo.Names()); near != "" && errors.Is(err, ito.ErrInput) &&
			filepath.Ext(name) == "" {
			return nil, &ito.InputError{Where: name, What: "there is no such file", Do: fmt.Sprintf("did you mean %q?",
				"zoo:"+near)}
		}
		return nil, err
	}
	p := &problem{name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), digest: store.Digest(src)}
	var d model.Data
	var b []byte
	if data != "" {
		if b, err = read(data); err != nil {
			return nil, err
		}
		if d, err = modeldata.Read(data, b); err != nil {
			return nil, err
		}
		p.data = store.Digest(b)
	}
	m, err := model.Compile(name, string(src), d, model.CompileOptions{Pool: pool})
	if bad := (*model.Error)(nil); errors.As(err, &bad) && tell != nil {
		for _, line := range bad.Printed {
			tell(line)
		}
	}
	if bad := (*model.DataError)(nil); errors.As(err, &bad) {
		return nil, modeldata.Locate(data, b, bad)
	}
	if bad := (*model.Error)(nil); data == "" && errors.As(err, &bad) && bad.NoData {
		return nil, fmt.Errorf("%w; name a file of them with `data`", err)
	}
	if err != nil {
		if words := modeldata.Words(data, b, d); data != "" && words != "" {
			err = fmt.Errorf("%w; %s", err, words)
		}
		return nil, err
	}
	p.use(m)
	return p, nil
}

// readInput reads a file that a person wrote.
func readInput(name string) ([]byte, error) {
	refuse := func(what, do string) error { return &ito.InputError{Where: name, What: what, Do: do} }
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, refuse("there is no such file", "check the name")
	case err != nil:
		return nil, refuse(errors.Unwrap(err).Error(), "")
	case info.IsDir():
		return nil, refuse("it is a directory", "give the name of a file")
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, refuse(errors.Unwrap(err).Error(), "")
	}
	return b, nil
}

func openZoo(name, data string, pool *ad.Pool) (*problem, error) {
	if data != "" {
		return nil, &ito.InputError{Where: "`data` " + data, What: name + " has its data already",
			Do: "leave `data` out"}
	}
	t, err := zoo.Open(name, pool)
	if err != nil {
		return nil, err
	}
	p := &problem{name: name}
	p.use(t)
	return p, nil
}

// use takes the target; one that is a model file has names of its own.
func (p *problem) use(t ito.Target) {
	p.Target = t
	if m, ok := t.(*model.Model); ok {
		p.model, p.columns = m, slices.Clone(m.Columns())
		return
	}
	for j := range t.Dim() {
		p.columns = append(p.columns, "x."+strconv.Itoa(j+1))
	}
}

// draw computes the columns of states x; the random quantities of a model have the address (seed, step, id of the row).
func (p *problem) draw(ctx context.Context, dst, x ito.States, seed uint64, step uint32) error {
	switch {
	case p.learned != nil:
		return p.drawLearned(dst, x)
	case p.model == nil:
		copy(dst.X, x.X)
		return nil
	}
	return p.model.Draw(ctx, dst, x, seed, step)
}

// coordinates names the parameters to which unconstrained coordinates belong.
func (p *problem) coordinates(at []int) []string {
	var names []string
	for _, i := range at {
		if name := p.coordinate(i); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (p *problem) coordinate(i int) string {
	if p.model == nil {
		return p.columns[i]
	}
	for _, q := range p.model.Quantities() {
		if i -= q.Free; i < 0 {
			return q.Name
		}
	}
	return ""
}

// Open compiles a model file with its data; tell is given what it prints.
func Open(name, data string, pool *ad.Pool, tell func(string)) (*model.Model, error) {
	p, err := openProblem(name, data, pool, readInput, tell)
	if err != nil {
		return nil, err
	}
	if p.model == nil {
		return nil, &ito.InputError{Where: name, What: "it is no model file", Do: "name a .star file"}
	}
	for _, line := range p.model.Printed() {
		tell(line)
	}
	return p.model, nil
}

// Text is a model file and its data as they were read.
type Text struct {
	Model              string
	Data               model.Data
	Digest, DataDigest string
}

// Source reads a model file and its data, which Open compiles.
func Source(name, data string) (*Text, error) {
	src, err := readInput(name)
	if err != nil {
		return nil, err
	}
	t := &Text{Model: string(src), Digest: store.Digest(src)}
	if data == "" {
		return t, nil
	}
	b, err := readInput(data)
	if err != nil {
		return nil, err
	}
	t.DataDigest = store.Digest(b)
	t.Data, err = modeldata.Read(data, b)
	return t, err
}
