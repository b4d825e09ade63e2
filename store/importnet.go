package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito/internal/suggest"
	"github.com/seed9a7962a8/ito/nn"
)

// ImportNetwork fills a network between given ports with the tensors of another program, as PyTorch's state_dict names
// them or by a map of names; nil is the map of the program that published such networks where ito knows one, the order
// of an nn.Sequential of Linears for an [nn.MLP], and the names themselves elsewhere. A first part of all names that
// the map does not have ("module.", "model.") may be there. Tensors are F32, F16, BF16, or F64, which is rounded; axes
// of length 1 do not count, so that a convolution of one tap is a Linear. What is missing, left over or of another
// shape is a *[FormatError] that names it, and the nearest name that there is.
func ImportNetwork(tensors []Tensor, net nn.Network, ports nn.Ports, names *Names) (*nn.Weights, error) {
	layout, err := nn.Layout(net, ports)
	if err != nil {
		return nil, err
	}
	if names == nil {
		names = PublishedNames(net.Kind())
	}
	if m, ok := net.(nn.MLP); ok && names == nil && !m.Residual {
		names = sequentialNames(tensors)
	}
	im := newImporter(tensors, names, layout)
	var params []float32
	for _, want := range layout {
		v, err := im.values(want)
		if err != nil {
			return nil, err
		}
		params = append(params, v...)
	}
	if err := im.done(); err != nil {
		return nil, err
	}
	return nn.FromParams(net, ports, params)
}

type importer struct {
	names  *Names
	prefix string
	at     map[string]*Tensor
	all    []string // names of the file, sorted
	used   map[string]bool
}

func newImporter(tensors []Tensor, names *Names, layout []nn.Tensor) *importer {
	im := &importer{names: names, at: map[string]*Tensor{}, used: map[string]bool{}}
	for i := range tensors {
		im.at[tensors[i].Name] = &tensors[i]
		im.all = append(im.all, tensors[i].Name)
	}
	slices.Sort(im.all)
	// A common prefix is taken away where the names fit no better with it.
	if len(im.all) > 0 && len(layout) > 0 {
		first := names.theirs(layout[0].Name)[0]
		if p, _, ok := strings.Cut(im.all[0], "."); ok && im.at[first] == nil && im.at[p+"."+first] != nil {
			im.prefix = p + "."
		}
	}
	return im
}

// values are those of one tensor of the network.
func (im *importer) values(want nn.Tensor) ([]float32, error) {
	theirs := im.names.theirs(want.Name)
	var out []float32
	for i, name := range theirs {
		name = im.prefix + name
		t := im.at[name]
		if t == nil {
			return nil, im.missing(want, name)
		}
		im.used[name] = true
		rest := squeezed(want.Shape)
		if len(theirs) > 1 {
			rest = squeezed(want.Shape[1:])
		}
		got := squeezed(t.Shape)
		if len(theirs) > 1 && len(t.Shape) > 0 {
			got = squeezed(t.Shape[1:])
		}
		if !slices.Equal(rest, got) {
			return nil, notFitting("tensor %s has shape %v, where the network's %s is %v", name, t.Shape, want.Name,
				want.Shape)
		}
		v, err := narrowed(t)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
		if last := i == len(theirs)-1; last && len(out) != want.Size() {
			return nil, notFitting("tensors %s hold %d numbers together, where the network's %s %v has %d",
				strings.Join(theirs, ", "), len(out), want.Name, want.Shape, want.Size())
		}
	}
	return out, nil
}

// missing names a tensor that the file lacks, and the nearest that it has.
func (im *importer) missing(want nn.Tensor, name string) error {
	e := notFitting("it has no tensor %s, which is %s %v of the network", name, want.Name, want.Shape)
	var free []string
	for _, n := range im.all {
		if !im.used[n] {
			free = append(free, n)
		}
	}
	if near := suggest.Nearest(name, free); near != "" {
		e.Do = fmt.Sprintf("the nearest is %s; map it with \"%s\" = \"%s\"", near, want.Name,
			strings.TrimPrefix(near, im.prefix))
	} else if len(free) > 0 {
		e.Do = "it has " + some(free) + "; say by a map of names which it is"
	}
	return e
}

// done reports tensors of the file that nothing stands for.
func (im *importer) done() error {
	var left []string
	for _, n := range im.all {
		if !im.used[n] && !im.names.ignores(strings.TrimPrefix(n, im.prefix)) {
			left = append(left, n)
		}
	}
	if len(left) == 0 {
		return nil
	}
	e := notFitting("%d of its tensors are none of the network's: %s", len(left), some(left))
	e.Do = fmt.Sprintf("give the settings of the network that has them, or leave them out with ignore = [\"%s\"] in a "+
		"map of names", strings.TrimPrefix(left[0], im.prefix))
	return e
}

// some are the first of a list of names.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

func notFitting(format string, args ...any) *FormatError {
	return &FormatError{What: "not the weights of this network: " + fmt.Sprintf(format, args...)}
}

// squeezed is a shape without axes of length 1.
func squeezed(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(n int) bool { return n == 1 })
}

// narrowed are the values in float32; those of float64 are rounded.
func narrowed(t *Tensor) ([]float32, error) {
	if t.DType != F64 {
		return t.Float32s()
	}
	x, err := t.Float64s()
	if err != nil {
		return nil, err
	}
	v := make([]float32, len(x))
	for i, e := range x {
		v[i] = float32(e)
	}
	return v, nil
}
